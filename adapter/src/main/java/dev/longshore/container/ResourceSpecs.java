package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;

import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.docker.ResourceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * CRI resources to Docker's and back. In CRI 0 and "" mean "not given".
 *
 * <p>Swap: CRI and Docker both count memory and swap together. A memory limit without a word on
 * swap allows none, as dockershim had it; {@code unified["memory.swap.max"]}, in which the kubelet
 * says it on cgroup v2, counts swap alone and is added to the memory limit.
 *
 * <p>{@code unified["pids.max"]} is Docker's limit of processes. What Docker has no field for is in
 * {@link KernelLimits}.
 */
final class ResourceSpecs {
  private static final String FIELD = "linux.resources.";
  private static final String MAX = "max";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  /** What the kernel takes for "no limit": the most pages of 4 KiB a counter holds, in bytes. */
  private static final long UNLIMITED = Long.MAX_VALUE - 4095;

  private ResourceSpecs() {}

  /** Limits of a new container; a message that was never set asks for none. */
  static ResourceSpec forCreate(LinuxContainerResources cri) {
    return translate(cri, OptionalLong.of(cri.getOomScoreAdj()), ResourceSpec.NONE);
  }

  /**
   * Limits to change. CRI's 0 means "not given" and leaves a limit as it is; a negative CPU quota
   * or memory limit lifts it. Docker cannot change the OOM score adjustment of a container.
   *
   * @param current the container's limits: a new memory limit keeps the amount of swap
   */
  static ResourceSpec forUpdate(LinuxContainerResources cri, ResourceSpec current) {
    return translate(cri, OptionalLong.empty(), current);
  }

  /** The limits in force, for the container's status; what has no limit is 0. */
  static LinuxContainerResources toCri(ResourceSpec docker, Map<String, String> kernel) {
    LinuxContainerResources.Builder cri = LinuxContainerResources.newBuilder();
    KernelLimits.toCri(kernel, cri);
    docker
        .pidsLimit()
        .ifPresent(most -> cri.putUnified(KernelLimits.PIDS_MAX, most < 0 ? MAX : "" + most));
    return cri.setCpuPeriod(docker.cpuPeriodMicros().orElse(0))
        .setCpuQuota(docker.cpuQuotaMicros().orElse(0))
        .setCpuShares(docker.cpuShares().orElse(0))
        .setMemoryLimitInBytes(limited(docker.memoryBytes()))
        .setMemorySwapLimitInBytes(limited(docker.memorySwapBytes()))
        .setOomScoreAdj(docker.oomScoreAdj().orElse(0))
        .setCpusetCpus(docker.cpusetCpus().orElse(""))
        .setCpusetMems(docker.cpusetMems().orElse(""))
        .build();
  }

  private static ResourceSpec translate(
      LinuxContainerResources cri, OptionalLong oomScoreAdj, ResourceSpec current) {
    return new ResourceSpec(
        positive("cpu_period", cri.getCpuPeriod()),
        cri.getCpuQuota() == 0 ? OptionalLong.empty() : OptionalLong.of(cri.getCpuQuota()),
        positive("cpu_shares", cri.getCpuShares()),
        memory(cri, oomScoreAdj.isEmpty()),
        memoryAndSwap(cri, current),
        text(cri.getCpusetCpus()),
        text(cri.getCpusetMems()),
        oomScoreAdj,
        pids(cri));
  }

  private static OptionalLong memoryAndSwap(LinuxContainerResources cri, ResourceSpec current) {
    long memory = cri.getMemoryLimitInBytes();
    long effective = memory != 0 ? Math.max(0, memory) : limited(current.memoryBytes());
    long limit = cri.getMemorySwapLimitInBytes();
    String swapMax = cri.getUnifiedOrDefault(KernelLimits.SWAP_MAX, "");
    if (swapMax.equals(MAX)) {
      return OptionalLong.of(-1);
    }
    if (!swapMax.isEmpty()) {
      return swapBeside(effective, swapMax);
    }
    if (limit < 0 || memory < 0) {
      return OptionalLong.of(memory < 0 ? UNLIMITED : -1);
    }
    if (limit > 0 && (effective == 0 || limit < effective)) {
      throw invalid(
          FIELD + "memory_swap_limit_in_bytes",
          "%d counts memory and swap together, so it needs a memory limit and cannot be below it"
              .formatted(limit));
    }
    if (limit > 0) {
      return OptionalLong.of(limit);
    }
    return memory > 0 ? OptionalLong.of(sameSwap(memory, current)) : OptionalLong.empty();
  }

  private static OptionalLong swapBeside(long memory, String swapMax) {
    if (!NUMBER.matcher(swapMax).matches()) {
      throw invalid(
          FIELD + "unified",
          KernelLimits.SWAP_MAX + " is a number of bytes or max, got " + swapMax);
    }
    long swap = Long.parseLong(swapMax);
    if (memory > 0) {
      return OptionalLong.of(memory + swap);
    }
    return OptionalLong.empty();
  }

  private static long sameSwap(long memory, ResourceSpec current) {
    long oldMemory = limited(current.memoryBytes());
    long oldTotal = current.memorySwapBytes().orElse(0);
    if (oldMemory <= 0) {
      return memory;
    }
    return oldTotal < 0 ? -1 : memory + Math.max(0, oldTotal - oldMemory);
  }

  private static OptionalLong memory(LinuxContainerResources cri, boolean mayLift) {
    long memory = cri.getMemoryLimitInBytes();
    return memory < 0 && mayLift
        ? OptionalLong.of(UNLIMITED)
        : positive("memory_limit_in_bytes", memory);
  }

  private static OptionalLong pids(LinuxContainerResources cri) {
    String most = cri.getUnifiedOrDefault(KernelLimits.PIDS_MAX, "");
    if (most.isEmpty()) {
      return OptionalLong.empty();
    }
    if (most.equals(MAX)) {
      return OptionalLong.of(-1);
    }
    if (!NUMBER.matcher(most).matches() || Long.parseLong(most) == 0) {
      throw invalid(
          FIELD + "unified", KernelLimits.PIDS_MAX + " is a number above 0 or max, got " + most);
    }
    return OptionalLong.of(Long.parseLong(most));
  }

  private static long limited(OptionalLong bytes) {
    long value = bytes.orElse(0);
    return value >= UNLIMITED ? 0 : value;
  }

  private static OptionalLong positive(String name, long value) {
    if (value < 0) {
      throw invalid(FIELD + name, "must not be negative, got " + value);
    }
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
