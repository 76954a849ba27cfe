package dev.longshore.bench;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What a process uses, by proc(5). CPU time is counted by the kernel in ticks of 10 ms, so that
 * only sums over many calls mean something.
 */
final class ProcessUse {
  // USER_HZ is 100 on every Linux that runs a JVM.
  private static final double MILLIS_PER_TICK = 10;
  // utime and stime, behind the name's parenthesis.
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private final Path folder;

  /** {@code proc} is where procfs is mounted. */
  ProcessUse(Path proc, int pid) {
    folder = proc.resolve(Integer.toString(pid));
  }

  /** The process with that name; empty for none. */
  static OptionalInt named(Path proc, String name) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        if (text(folder.resolve("comm")).map(String::strip).equals(Optional.of(name))) {
          return OptionalInt.of(Integer.parseInt(folder.getFileName().toString()));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return OptionalInt.empty();
    }
    return OptionalInt.empty();
  }

  /** Processor time so far, in ms; 0 when the process is gone. */
  double cpuMillis() {
    return text(folder.resolve("stat")).map(ProcessUse::cpuMillis).orElse(0.0);
  }

  /** Resident memory in MiB; 0 when the process is gone. */
  double rssMib() {
    return status("VmRSS:") / 1024.0;
  }

  /** The kernel's threads; 0 when the process is gone. */
  double threads() {
    return status("Threads:");
  }

  /** Open descriptors; 0 when the process is gone or not to be looked into. */
  double files() {
    try (Stream<Path> open = Files.list(folder.resolve("fd"))) {
      return open.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private long status(String field) {
    return text(folder.resolve("status"))
        .flatMap(
            status ->
                status
                    .lines()
                    .filter(line -> line.startsWith(field))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst())
        .orElse(0L);
  }

  private static double cpuMillis(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(") ") + 2).split(" ", -1);
    return MILLIS_PER_TICK * (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]));
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
