package dev.longshore.stats;

import static dev.longshore.stats.Metric.counter;
import static dev.longshore.stats.Metric.gauge;

import dev.longshore.kernel.BlockUse;
import dev.longshore.kernel.FilesystemUse;
import dev.longshore.stats.Metric.Out;
import dev.longshore.stats.Metric.Values;
import dev.longshore.stats.Subject.Disk;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What containers read from and write to disks, and what they keep there. */
final class DiskMetrics {
  static final List<Metric> ALL =
      List.of(
          counter(
              "container_fs_reads_bytes_total",
              "Bytes read from a disk",
              moved(BlockUse::readBytes),
              "device"),
          counter(
              "container_fs_reads_total", "Reads from a disk", moved(BlockUse::reads), "device"),
          counter(
              "container_fs_writes_bytes_total",
              "Bytes written to a disk",
              moved(BlockUse::writtenBytes),
              "device"),
          counter(
              "container_fs_writes_total", "Writes to a disk", moved(BlockUse::writes), "device"),
          counter(
              "container_blkio_device_usage_total",
              "Bytes moved from and to a disk",
              DiskMetrics::byOperation,
              "device",
              "major",
              "minor",
              "operation"),
          gauge(
              "container_fs_usage_bytes",
              "Bytes of disk that the container's own files take",
              kept(disk -> OptionalLong.of(disk.layer().usedBytes())),
              "device"),
          gauge(
              "container_fs_limit_bytes",
              "Size of the disk that the container's own files are on",
              kept(disk -> OptionalLong.of(disk.filesystem().totalBytes())),
              "device"),
          gauge(
              "container_fs_inodes_total",
              "Inodes of the disk that the container's own files are on",
              kept(disk -> disk.filesystem().inodesTotal()),
              "device"),
          gauge(
              "container_fs_inodes_free",
              "Inodes that are free on the disk that the container's own files are on",
              kept(disk -> free(disk.filesystem())),
              "device"));

  private DiskMetrics() {}

  private static Values moved(ToLongFunction<BlockUse> number) {
    return (subject, out) ->
        subject
            .blockUses()
            .forEach(
                use -> out.value((double) number.applyAsLong(use), subject.device(use.device())));
  }

  private static void byOperation(Subject subject, Out out) {
    for (BlockUse use : subject.blockUses()) {
      String[] numbers = use.device().split(":", 2);
      String device = subject.device(use.device());
      out.value((double) use.readBytes(), device, numbers[0], numbers[1], "Read");
      out.value((double) use.writtenBytes(), device, numbers[0], numbers[1], "Write");
    }
  }

  private static Values kept(Function<Disk, OptionalLong> number) {
    return (subject, out) ->
        subject
            .layer()
            .ifPresent(
                disk -> out.value(number.apply(disk), subject.device(disk.layer().device())));
  }

  private static OptionalLong free(FilesystemUse use) {
    return use.inodesTotal().isPresent() && use.inodesUsed().isPresent()
        ? OptionalLong.of(use.inodesTotal().getAsLong() - use.inodesUsed().getAsLong())
        : OptionalLong.empty();
  }
}
