package dev.longshore.stats;

import dev.longshore.kernel.CpuUsage;
import dev.longshore.kernel.MemoryUsage;
import dev.longshore.kernel.Pressures;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel said of a container.
 *
 * @param nanoCores CPU nanoseconds used per second since the sample before; empty for the first
 * @param memory empty where the memory controller is off
 */
record Sample(
    Instant time,
    CpuUsage cpu,
    OptionalLong nanoCores,
    Optional<MemoryUsage> memory,
    Pressures pressures) {}
