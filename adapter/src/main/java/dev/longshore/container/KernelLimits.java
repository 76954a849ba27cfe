package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.cri.v1.HugepageLimit;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.CgroupFiles;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Limits that Docker has no field for, as files of cgroup v2 and what to write to them: huge pages,
 * and {@code unified} but for what {@link ResourceSpecs} gives to Docker. They are written when the
 * container starts.
 *
 * <p>Cgroup v1 knows huge pages only. Other entries are refused there, but for those that ask for
 * nothing: the kubelet sends {@code memory.oom.group}, a swap of 0 and the kernel's own values.
 */
final class KernelLimits {
  static final String SWAP_MAX = "memory.swap.max";
  static final String PIDS_MAX = "pids.max";

  private static final String UNIFIED = "linux.resources.unified";
  private static final Pattern FILE =
      Pattern.compile("(cpu|cpuset|hugetlb|io|memory|misc|pids|rdma)(\\.[A-Za-z0-9_]+)+");
  private static final Map<String, Set<String>> HARMLESS =
      Map.of(
          "memory.oom.group",
          Set.of("0", "1"),
          "memory.min",
          Set.of("0"),
          "memory.low",
          Set.of("0"),
          "memory.high",
          Set.of("max"),
          SWAP_MAX,
          Set.of("0"));

  private KernelLimits() {}

  /**
   * @param docker what Docker is given of the same request
   * @param cgroupVersion of this node, 1 or 2
   */
  static Map<String, String> from(
      LinuxContainerResources cri, ResourceSpec docker, int cgroupVersion) {
    Map<String, String> limits = new HashMap<>();
    for (HugepageLimit limit : cri.getHugepageLimitsList()) {
      String file = CgroupFiles.hugePages(limit.getPageSize());
      if (CgroupFiles.pageSize(file).isEmpty()) {
        throw invalid(
            "linux.resources.hugepage_limits",
            "\"%s\" is no page size such as 2MB".formatted(limit.getPageSize()));
      }
      limits.put(file, Long.toUnsignedString(limit.getLimit()));
    }
    cri.getUnifiedMap()
        .forEach(
            (file, value) -> {
              boolean dockers =
                  file.equals(PIDS_MAX)
                      || (file.equals(SWAP_MAX) && docker.memorySwapBytes().isPresent());
              if (!dockers && isWritten(file, value, cgroupVersion)) {
                limits.put(file, value);
              }
            });
    return limits;
  }

  /** Whether a kernel without that file does what is asked. */
  static boolean isHarmless(String file, String value) {
    return HARMLESS.getOrDefault(file, Set.of()).contains(value)
        || (value.equals("0") && CgroupFiles.pageSize(file).isPresent());
  }

  /** Adds the limits in the request's form. */
  static void toCri(Map<String, String> limits, LinuxContainerResources.Builder cri) {
    new TreeMap<>(limits)
        .forEach(
            (file, value) -> {
              Optional<String> page = CgroupFiles.pageSize(file);
              if (page.isPresent() && !value.equals("max")) {
                cri.addHugepageLimits(
                    HugepageLimit.newBuilder()
                        .setPageSize(page.get())
                        .setLimit(Long.parseUnsignedLong(value)));
              } else {
                cri.putUnified(file, value);
              }
            });
  }

  /** The file must be a controller's: {@code cgroup.*} would move or kill processes. */
  private static boolean isWritten(String file, String value, int cgroupVersion) {
    if (!FILE.matcher(file).matches() || value.isBlank()) {
      throw invalid(UNIFIED, "%s=%s is no limit of a cgroup v2 controller".formatted(file, value));
    }
    if (cgroupVersion == 1 && !isHarmless(file, value)) {
      throw unsupported(
          UNIFIED, "%s=%s needs cgroup v2, and this node has v1".formatted(file, value));
    }
    return cgroupVersion != 1;
  }
}
