package dev.longshore.stats;

import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.BlockUse;
import dev.longshore.kernel.CgroupDetails;
import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.FilesystemUse;
import dev.longshore.kernel.InterfaceUse;
import dev.longshore.kernel.MemoryUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that metrics tell of one container or pod.
 *
 * @param id of the container, or of the pod's sandbox
 * @param labels values of {@link Metric#LABELS}
 * @param usage empty for a pod without a cgroup of its own
 * @param details of containers only
 * @param limits of containers only
 * @param interfaces of pods only
 * @param layer of containers only, once it has been looked at
 * @param devices device files by {@code major:minor}, of all that are mentioned
 */
record Subject(
    String id,
    List<String> labels,
    Instant time,
    Instant startedAt,
    Optional<CgroupUsage> usage,
    Optional<CgroupDetails> details,
    Optional<ResourceSpec> limits,
    List<InterfaceUse> interfaces,
    Optional<Disk> layer,
    Map<String, String> devices) {
  Subject {
    labels = List.copyOf(labels);
    interfaces = List.copyOf(interfaces);
    devices = Map.copyOf(devices);
  }

  /** A container's writable layer and the disk that it is on. */
  record Disk(LayerUse layer, FilesystemUse filesystem) {}

  Optional<MemoryUsage> memory() {
    return usage.flatMap(CgroupUsage::memory);
  }

  List<BlockUse> blockUses() {
    return details.map(CgroupDetails::devices).orElse(List.of());
  }

  /** The device file, or the numbers where there is none. */
  String device(String numbers) {
    return devices.getOrDefault(numbers, numbers);
  }
}
