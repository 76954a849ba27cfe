package dev.longshore.stats;

import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.InterfaceUse;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the kernel said of a container or a pod.
 *
 * @param cgroup its name, from the root of the hierarchy
 * @param nanoCores CPU nanoseconds used per second since the sample before; empty for the first
 * @param interfaces of the pod's network, loopback among them; empty where it is not counted
 */
record Sample(
    Instant time,
    String cgroup,
    CgroupUsage usage,
    OptionalLong nanoCores,
    List<InterfaceUse> interfaces) {
  Sample {
    interfaces = List.copyOf(interfaces);
  }

  /** All interfaces but loopback. */
  List<InterfaceUse> outsideInterfaces() {
    return interfaces.stream().filter(use -> !use.name().equals("lo")).toList();
  }

  /** Both together, as of the time of this one; the rate lacks one that is not known yet. */
  Sample plus(Sample other) {
    OptionalLong rate = nanoCores.isEmpty() ? other.nanoCores : nanoCores;
    if (nanoCores.isPresent() && other.nanoCores.isPresent()) {
      rate = OptionalLong.of(nanoCores.getAsLong() + other.nanoCores.getAsLong());
    }
    return new Sample(time, cgroup, usage.plus(other.usage), rate, interfaces);
  }
}
