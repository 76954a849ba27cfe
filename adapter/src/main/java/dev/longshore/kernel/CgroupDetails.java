package dev.longshore.kernel;

import java.util.List;
import java.util.Optional;

/**
 * What {@link CgroupUsage} leaves out, since only scrapes of metrics ask for it.
 *
 * @param memory empty where the memory controller is off
 * @param devices block devices that something was read from or written to
 */
public record CgroupDetails(
    CpuDetails cpu,
    Optional<MemoryDetails> memory,
    List<BlockUse> devices,
    List<HugePageUse> hugePages,
    TaskDetails tasks) {
  public CgroupDetails {
    devices = List.copyOf(devices);
    hugePages = List.copyOf(hugePages);
  }
}
