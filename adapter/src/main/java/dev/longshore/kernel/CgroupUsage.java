package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a cgroup and all below it use.
 *
 * @param memory empty where the memory controller is off
 * @param tasks processes and their threads, as the pids controller counts them; empty where it is
 *     off
 */
public record CgroupUsage(
    CpuUsage cpu, Optional<MemoryUsage> memory, Pressures pressures, OptionalLong tasks) {
  /** What two cgroups use together; stalls do not add up, and so there are none. */
  public CgroupUsage plus(CgroupUsage other) {
    return new CgroupUsage(
        new CpuUsage(cpu.totalNanos() + other.cpu.totalNanos()),
        memory.isPresent() && other.memory.isPresent()
            ? Optional.of(memory.get().plus(other.memory.get()))
            : Optional.empty(),
        Pressures.NONE,
        tasks.isPresent() && other.tasks.isPresent()
            ? OptionalLong.of(tasks.getAsLong() + other.tasks.getAsLong())
            : OptionalLong.empty());
  }
}
