package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.HugepageLimit;
import dev.longshore.cri.v1.LinuxContainerResources;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelLimitsTest {
  private static final long MIB = 1 << 20;

  @Test
  void hugePagesAndFilesAreKeptAndReadBack() {
    LinuxContainerResources cri =
        resources()
            .addHugepageLimits(
                HugepageLimit.newBuilder().setPageSize("1GB").setLimit(-1)) // 2^64-1, unsigned
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
            .putUnified("memory.oom.group", "1")
            .putUnified("memory.high", "7")
            .putUnified("memory.swap.max", "9")
            .build();
    Map<String, String> limits = from(cri, 2);

    assertThat(limits)
        .containsOnly(
            Map.entry("hugetlb.1GB.max", "18446744073709551615"),
            Map.entry("hugetlb.2MB.max", "0"),
            Map.entry("memory.oom.group", "1"),
            Map.entry("memory.high", "7"),
            Map.entry("memory.swap.max", "9"));
    LinuxContainerResources.Builder back = LinuxContainerResources.newBuilder();
    KernelLimits.toCri(limits, back);
    assertThat(back.build()).isEqualTo(cri);
  }

  @Test
  void whatDockerSetsIsNotSetTwice() {
    assertThat(
            from(
                resources()
                    .setMemoryLimitInBytes(MIB)
                    .putUnified("memory.swap.max", "0")
                    .putUnified("pids.max", "5")
                    .build(),
                2))
        .isEmpty();
  }

  @Test
  void onVersion1WhatTheKubeletAlwaysSendsIsAcceptedAndNotKept() {
    assertThat(
            from(
                resources()
                    .putUnified("memory.oom.group", "1")
                    .putUnified("memory.swap.max", "0")
                    .putUnified("memory.min", "0")
                    .putUnified("memory.high", "max")
                    .build(),
                1))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "memory.high, 1000, 1, UNSUPPORTED",
    "memory.swap.max, 10, 1, UNSUPPORTED",
    "cgroup.procs, 1, 2, INVALID",
    "cgroup.kill, 1, 2, INVALID",
    "../memory.max, 1, 2, INVALID",
    "memory/../../x.max, 1, 2, INVALID",
    "memory, 1, 2, INVALID",
    "memory.high, ' ', 2, INVALID",
  })
  void aWrongOrImpossibleFileIsRefusedByName(String file, String value, int version, Kind kind) {
    assertThatThrownBy(() -> from(resources().putUnified(file, value).build(), version))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(file);
  }

  @Test
  void aPageSizeIsCheckedBeforeItBecomesAFilesName() {
    assertThatThrownBy(
            () ->
                from(
                    resources()
                        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("../x"))
                        .build(),
                    2))
        .hasMessageContaining("hugepage_limits");
  }

  private static Map<String, String> from(LinuxContainerResources cri, int version) {
    return KernelLimits.from(cri, ResourceSpecs.forCreate(cri), version);
  }

  private static LinuxContainerResources.Builder resources() {
    return LinuxContainerResources.newBuilder();
  }
}
