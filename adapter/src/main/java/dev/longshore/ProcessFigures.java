package dev.longshore;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * This process and its virtual machine, by the names that Prometheus' clients give them. The beans
 * of the JDK are loaded with the first question, not before.
 */
final class ProcessFigures implements Source {
  private static final double MILLIS = 1000;
  // USER_HZ is 100 on every Linux that runs a JVM.
  private static final double TICKS = 100;
  private static final double KIB = 1024;
  // utime and stime, behind the name's parenthesis (proc(5)).
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private static final Family CPU =
      Family.counter("process_cpu_seconds_total", "seconds", "Processor time used");
  private static final Family RSS =
      Family.gauge("process_resident_memory_bytes", "bytes", "Resident memory");
  private static final Family START =
      Family.gauge("process_start_time_seconds", "seconds", "When it started, since the epoch");
  private static final Family OPEN =
      Family.gauge("process_open_fds", "fds", "File descriptors that are open");
  private static final Family MOST =
      Family.gauge("process_max_fds", "fds", "File descriptors that may be open");
  private static final Family USED =
      Family.gauge("jvm_memory_used_bytes", "bytes", "Memory in use", "area");
  private static final Family COMMITTED =
      Family.gauge("jvm_memory_committed_bytes", "bytes", "Memory taken from the system", "area");
  private static final Family LARGEST =
      Family.gauge("jvm_memory_max_bytes", "bytes", "Memory that may be taken", "area");
  private static final Family COLLECTIONS =
      new Family(
          "jvm_gc_collection_seconds",
          Family.Type.SUMMARY,
          "seconds",
          "Time spent in garbage collection",
          List.of("gc"));
  private static final Family THREADS =
      Family.gauge("jvm_threads_current", "", "Threads of the platform");

  private final Path self;
  private final Instant started;

  /** {@code proc} is where procfs is mounted. */
  ProcessFigures(Path proc, Instant started) {
    self = proc.resolve("self");
    this.started = started;
  }

  @Override
  public void writeTo(Exposition out) {
    process(out);
    virtualMachine(out);
  }

  private void process(Exposition out) {
    out.family(CPU);
    text("stat").ifPresent(stat -> out.sample(CPU, List.of(), cpuSeconds(stat)));
    out.family(RSS);
    text("status")
        .flatMap(status -> number(status, "VmRSS:"))
        .ifPresent(kib -> out.sample(RSS, List.of(), kib * KIB));
    out.single(START, started.toEpochMilli() / MILLIS);
    out.family(OPEN);
    descriptors().ifPresent(count -> out.sample(OPEN, List.of(), count));
    out.family(MOST);
    text("limits")
        .flatMap(limits -> number(limits, "Max open files"))
        .ifPresent(most -> out.sample(MOST, List.of(), most));
  }

  private static void virtualMachine(Exposition out) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    MemoryUsage heap = memory.getHeapMemoryUsage();
    MemoryUsage other = memory.getNonHeapMemoryUsage();
    out.family(USED);
    out.sample(USED, List.of("heap"), (double) heap.getUsed());
    out.sample(USED, List.of("nonheap"), (double) other.getUsed());
    out.family(COMMITTED);
    out.sample(COMMITTED, List.of("heap"), (double) heap.getCommitted());
    out.sample(COMMITTED, List.of("nonheap"), (double) other.getCommitted());
    out.family(LARGEST);
    out.sample(LARGEST, List.of("heap"), (double) heap.getMax());
    out.family(COLLECTIONS);
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      out.summary(
          COLLECTIONS,
          List.of(gc.getName()),
          gc.getCollectionCount(),
          gc.getCollectionTime() / MILLIS);
    }
    out.single(THREADS, ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private Optional<Integer> descriptors() {
    int count = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(self.resolve("fd"))) {
      for (Path _ : open) {
        count++;
      }
      return Optional.of(count - 1); // Without the folder's own.
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static double cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(") ") + 2).split(" ", -1);
    return (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) / TICKS;
  }

  /** The first number of the line that begins so. */
  private static Optional<Double> number(String text, String begin) {
    return text.lines()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()).strip().split("\\s+", 2)[0])
        .filter(word -> word.matches("\\d+"))
        .map(Double::valueOf)
        .findFirst();
  }

  private Optional<String> text(String name) {
    try {
      return Optional.of(Files.readString(self.resolve(name)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
