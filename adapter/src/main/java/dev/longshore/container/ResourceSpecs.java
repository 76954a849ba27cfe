package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.cri.v1.HugepageLimit;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.docker.ResourceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * CRI resources to Docker's and back. In CRI 0 and "" mean "not given".
 *
 * <p>Swap: CRI and Docker both count memory and swap together. A memory limit without a word on
 * swap allows none, as dockershim had it; {@code unified["memory.swap.max"]}, in which the kubelet
 * says it on cgroup v2, counts swap alone and is added to the memory limit.
 *
 * <p>Docker has no field for huge pages and for {@code unified}. What asks for nothing new is
 * accepted, everything else is UNSUPPORTED, naming the entry:
 *
 * <ul>
 *   <li>huge page limits of 0: the kubelet sends one for every page size of the node;
 *   <li>{@code memory.oom.group}: the kubelet sets it to 1 on every container of a cgroup v2 node;
 *   <li>{@code memory.swap.max} of 0 without a memory limit: the same;
 *   <li>{@code memory.min}, {@code memory.low} of 0, {@code memory.high} of {@code max}: the
 *       kernel's own values.
 * </ul>
 */
final class ResourceSpecs {
  private static final String FIELD = "linux.resources.";
  private static final String SWAP_MAX = "memory.swap.max";
  private static final String MAX = "max";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Map<String, Set<String>> HARMLESS =
      Map.of(
          "memory.oom.group", Set.of("0", "1"),
          "memory.min", Set.of("0"),
          "memory.low", Set.of("0"),
          "memory.high", Set.of(MAX));

  private ResourceSpecs() {}

  /** Limits of a new container; a message that was never set asks for none. */
  static ResourceSpec forCreate(LinuxContainerResources cri) {
    return translate(cri, OptionalLong.of(cri.getOomScoreAdj()), ResourceSpec.NONE);
  }

  /**
   * Limits to change. Docker can neither lift a limit by 0 nor change the OOM score adjustment of a
   * container, and CRI's 0 means "not given": both stay.
   *
   * @param current the container's limits: a new memory limit keeps the amount of swap
   */
  static ResourceSpec forUpdate(LinuxContainerResources cri, ResourceSpec current) {
    return translate(cri, OptionalLong.empty(), current);
  }

  /** What Docker says of a container's limits, for its status. */
  static LinuxContainerResources toCri(ResourceSpec docker) {
    return LinuxContainerResources.newBuilder()
        .setCpuPeriod(docker.cpuPeriodMicros().orElse(0))
        .setCpuQuota(docker.cpuQuotaMicros().orElse(0))
        .setCpuShares(docker.cpuShares().orElse(0))
        .setMemoryLimitInBytes(docker.memoryBytes().orElse(0))
        .setMemorySwapLimitInBytes(docker.memorySwapBytes().orElse(0))
        .setOomScoreAdj(docker.oomScoreAdj().orElse(0))
        .setCpusetCpus(docker.cpusetCpus().orElse(""))
        .setCpusetMems(docker.cpusetMems().orElse(""))
        .build();
  }

  private static ResourceSpec translate(
      LinuxContainerResources cri, OptionalLong oomScoreAdj, ResourceSpec current) {
    checkHugepages(cri);
    checkUnified(cri);
    return new ResourceSpec(
        positive("cpu_period", cri.getCpuPeriod()),
        cri.getCpuQuota() == 0 ? OptionalLong.empty() : OptionalLong.of(cri.getCpuQuota()),
        positive("cpu_shares", cri.getCpuShares()),
        positive("memory_limit_in_bytes", cri.getMemoryLimitInBytes()),
        memoryAndSwap(cri, current),
        text(cri.getCpusetCpus()),
        text(cri.getCpusetMems()),
        oomScoreAdj);
  }

  private static OptionalLong memoryAndSwap(LinuxContainerResources cri, ResourceSpec current) {
    long memory = cri.getMemoryLimitInBytes();
    long effective = memory > 0 ? memory : current.memoryBytes().orElse(0);
    long limit = cri.getMemorySwapLimitInBytes();
    String swapMax = cri.getUnifiedOrDefault(SWAP_MAX, "");
    if (swapMax.equals(MAX)) {
      return OptionalLong.of(-1);
    }
    if (!swapMax.isEmpty()) {
      return swapBeside(effective, swapMax);
    }
    if (limit < 0) {
      return OptionalLong.of(-1);
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
      throw invalid(FIELD + "unified", SWAP_MAX + " is a number of bytes or max, got " + swapMax);
    }
    long swap = Long.parseLong(swapMax);
    if (memory > 0) {
      return OptionalLong.of(memory + swap);
    }
    if (swap > 0) {
      throw unsupported(
          FIELD + "unified",
          "%s=%d without a memory limit cannot be said to Docker".formatted(SWAP_MAX, swap));
    }
    return OptionalLong.empty();
  }

  private static long sameSwap(long memory, ResourceSpec current) {
    long oldMemory = current.memoryBytes().orElse(0);
    long oldTotal = current.memorySwapBytes().orElse(0);
    if (oldMemory <= 0) {
      return memory;
    }
    return oldTotal < 0 ? -1 : memory + Math.max(0, oldTotal - oldMemory);
  }

  private static void checkHugepages(LinuxContainerResources cri) {
    for (HugepageLimit limit : cri.getHugepageLimitsList()) {
      if (limit.getLimit() != 0) {
        throw unsupported(
            FIELD + "hugepage_limits",
            "%s=%s cannot be said to Docker"
                .formatted(limit.getPageSize(), Long.toUnsignedString(limit.getLimit())));
      }
    }
  }

  private static void checkUnified(LinuxContainerResources cri) {
    cri.getUnifiedMap()
        .forEach(
            (key, value) -> {
              boolean known =
                  key.equals(SWAP_MAX) || HARMLESS.getOrDefault(key, Set.of()).contains(value);
              if (!known) {
                throw unsupported(
                    FIELD + "unified", "%s=%s cannot be said to Docker".formatted(key, value));
              }
            });
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
