package dev.longshore.docker;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Limits of a container. Absent means "not given": Docker's default on create, unchanged on update.
 *
 * @param cpuPeriodMicros length of a CFS period
 * @param cpuQuotaMicros CPU time per period, negative for no limit
 * @param cpuShares relative weight, 2 to 262144
 * @param memoryBytes limit of memory; 0 for no limit
 * @param memorySwapBytes limit of memory and swap together; -1 for no limit
 * @param cpusetCpus list such as {@code 0-2,7}
 * @param oomScoreAdj -1000 to 1000; create only
 * @param pidsLimit most processes and threads; negative for no limit
 */
public record ResourceSpec(
    OptionalLong cpuPeriodMicros,
    OptionalLong cpuQuotaMicros,
    OptionalLong cpuShares,
    OptionalLong memoryBytes,
    OptionalLong memorySwapBytes,
    Optional<String> cpusetCpus,
    Optional<String> cpusetMems,
    OptionalLong oomScoreAdj,
    OptionalLong pidsLimit) {
  /** Without a word on the number of processes. */
  public ResourceSpec(
      OptionalLong cpuPeriodMicros,
      OptionalLong cpuQuotaMicros,
      OptionalLong cpuShares,
      OptionalLong memoryBytes,
      OptionalLong memorySwapBytes,
      Optional<String> cpusetCpus,
      Optional<String> cpusetMems,
      OptionalLong oomScoreAdj) {
    this(
        cpuPeriodMicros,
        cpuQuotaMicros,
        cpuShares,
        memoryBytes,
        memorySwapBytes,
        cpusetCpus,
        cpusetMems,
        oomScoreAdj,
        OptionalLong.empty());
  }

  /** Nothing given. */
  public static final ResourceSpec NONE =
      new ResourceSpec(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty());

  /** The same limits with another OOM score adjustment. */
  public ResourceSpec withOomScoreAdj(long value) {
    return new ResourceSpec(
        cpuPeriodMicros,
        cpuQuotaMicros,
        cpuShares,
        memoryBytes,
        memorySwapBytes,
        cpusetCpus,
        cpusetMems,
        OptionalLong.of(value),
        pidsLimit);
  }
}
