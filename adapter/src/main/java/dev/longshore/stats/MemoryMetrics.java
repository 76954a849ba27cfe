package dev.longshore.stats;

import static dev.longshore.stats.Metric.counter;
import static dev.longshore.stats.Metric.gauge;

import dev.longshore.kernel.CgroupDetails;
import dev.longshore.kernel.HugePageUse;
import dev.longshore.kernel.MemoryDetails;
import dev.longshore.kernel.MemoryUsage;
import dev.longshore.stats.Metric.Out;
import dev.longshore.stats.Metric.Values;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Memory and its limits, which are 0 for "none" where cAdvisor had it so. */
final class MemoryMetrics {
  static final List<Metric> ALL =
      List.of(
          gauge(
              "container_memory_usage_bytes",
              "Memory charged, page cache included",
              used(MemoryUsage::usageBytes)),
          gauge(
              "container_memory_working_set_bytes",
              "Memory charged, without page cache that has not been used for long",
              used(MemoryUsage::workingSetBytes)),
          gauge("container_memory_rss", "Anonymous memory in bytes", used(MemoryUsage::rssBytes)),
          gauge(
              "container_memory_swap",
              "Swap space filled in bytes",
              (subject, out) ->
                  subject
                      .memory()
                      .flatMap(MemoryUsage::swap)
                      .ifPresent(swap -> out.value((double) swap.usageBytes()))),
          gauge(
              "container_memory_cache",
              "Page cache in bytes",
              known(memory -> OptionalLong.of(memory.cacheBytes()))),
          gauge(
              "container_memory_mapped_file",
              "Page cache that processes have mapped in bytes",
              known(memory -> OptionalLong.of(memory.mappedFileBytes()))),
          gauge(
              "container_memory_kernel_usage",
              "Memory of the kernel for the container in bytes",
              known(MemoryDetails::kernelBytes)),
          gauge(
              "container_memory_max_usage_bytes",
              "The most memory that was ever charged",
              known(MemoryDetails::maxBytes)),
          counter(
              "container_memory_failcnt",
              "How often an allocation met the memory limit",
              known(MemoryDetails::limitHits)),
          counter(
              "container_memory_failures_total",
              "Page faults, of the container's own cgroup and with those below it",
              MemoryMetrics::faults,
              "failure_type",
              "scope"),
          counter(
              "container_oom_events_total",
              "Processes killed for want of memory",
              known(MemoryDetails::oomKills)),
          gauge(
              "container_hugetlb_usage_bytes",
              "Huge pages held",
              (subject, out) ->
                  hugePages(subject)
                      .forEach(page -> out.value((double) page.usageBytes(), page.pageSize())),
              "pagesize"),
          gauge(
              "container_hugetlb_max_usage_bytes",
              "The most huge pages that were ever held",
              (subject, out) ->
                  hugePages(subject).forEach(page -> out.value(page.maxBytes(), page.pageSize())),
              "pagesize"),
          gauge(
              "container_spec_memory_limit_bytes",
              "Memory limit; 0 for none",
              (subject, out) ->
                  subject
                      .limits()
                      .ifPresent(spec -> out.value((double) spec.memoryBytes().orElse(0)))),
          gauge(
              "container_spec_memory_reservation_limit_bytes",
              "Memory that is spared as long as others have some to give; 0 for none",
              known(memory -> OptionalLong.of(memory.lowBytes().orElse(0)))),
          gauge(
              "container_spec_memory_swap_limit_bytes",
              "Limit of memory and swap together; 0 for none",
              (subject, out) ->
                  subject
                      .limits()
                      .ifPresent(
                          spec ->
                              out.value((double) Math.max(0, spec.memorySwapBytes().orElse(0))))));

  private MemoryMetrics() {}

  private static Values used(ToLongFunction<MemoryUsage> number) {
    return (subject, out) ->
        subject.memory().ifPresent(memory -> out.value((double) number.applyAsLong(memory)));
  }

  private static Values known(Function<MemoryDetails, OptionalLong> number) {
    return (subject, out) ->
        subject
            .details()
            .flatMap(CgroupDetails::memory)
            .ifPresent(memory -> out.value(number.apply(memory)));
  }

  private static void faults(Subject subject, Out out) {
    subject
        .details()
        .flatMap(CgroupDetails::memory)
        .ifPresent(
            own -> {
              out.value((double) own.ownPageFaults(), "pgfault", "container");
              out.value((double) own.ownMajorPageFaults(), "pgmajfault", "container");
            });
    subject
        .memory()
        .ifPresent(
            all -> {
              out.value((double) all.pageFaults(), "pgfault", "hierarchy");
              out.value((double) all.majorPageFaults(), "pgmajfault", "hierarchy");
            });
  }

  private static List<HugePageUse> hugePages(Subject subject) {
    return subject.details().map(CgroupDetails::hugePages).orElse(List.of());
  }
}
