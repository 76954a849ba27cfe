package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryUsageTest {
  private static final String V1_STAT =
      """
      cache 593920
      rss 53248
      rss_huge 0
      mapped_file 376832
      swap 0
      pgfault 1127
      pgmajfault 2
      inactive_anon 49152
      active_anon 4096
      inactive_file 7
      active_file 593920
      hierarchical_memory_limit 67108864
      hierarchical_memsw_limit 134217728
      total_cache 700000
      total_rss 60000
      total_rss_huge 1
      total_swap 4096
      total_pgfault 2000
      total_pgmajfault 20
      total_inactive_anon 5
      total_inactive_file 159168
      """;

  private static final String V2_STAT =
      """
      anon 1245184
      file 5341184
      kernel 495616
      kernel_stack 32768
      sock 0
      file_mapped 2973696
      anon_thp 99
      inactive_anon 1232896
      active_anon 8192
      inactive_file 3780608
      active_file 1560576
      unevictable 0
      slab_reclaimable 250312
      pgfault 3861
      pgmajfault 37
      workingset_refault_file 0
      """;

  @Test
  void v1CountsTheCgroupsBelowToo() {
    assertThat(MemoryUsage.v1("1159168\n", V1_STAT, "67108864\n"))
        .contains(
            new MemoryUsage(
                1_159_168,
                159_168,
                60_000,
                2000,
                20,
                OptionalLong.of(67_108_864),
                Optional.of(new SwapUsage(4096, OptionalLong.of(67_108_864)))));
  }

  @Test
  void v1WithoutSwapAccountingSaysNothingOfSwap() {
    String stat = V1_STAT.replace("total_swap 4096\n", "").replace("swap 0\n", "");

    assertThat(MemoryUsage.v1("1", stat, "2").orElseThrow().swap()).isEmpty();
  }

  @Test
  void v1SwapHasNoLimitUnlessMemoryAndSwapTogetherHaveOne() {
    String stat = V1_STAT.replace("memsw_limit 134217728", "memsw_limit 9223372036854771712");

    assertThat(MemoryUsage.v1("1", stat, "2").orElseThrow().swap())
        .contains(new SwapUsage(4096, OptionalLong.empty()));
  }

  @Test
  void v2IsReadByNameNotByPlace() {
    Optional<SwapUsage> swap = Optional.of(new SwapUsage(1, OptionalLong.of(3)));

    assertThat(MemoryUsage.v2("7081984\n", V2_STAT, "268435456\n", swap))
        .contains(
            new MemoryUsage(
                7_081_984, 3_780_608, 1_245_184, 3861, 37, OptionalLong.of(268_435_456), swap));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max\n",
        "9223372036854771712\n", // 4 KiB pages
        "9223372036854710272\n", // 64 KiB pages
        "18446744073709551615\n", // kernels before 3.19
        ""
      })
  void aLimitThatLimitsNothingIsNone(String limit) {
    assertThat(MemoryUsage.v1("5", V1_STAT, limit).orElseThrow().limitBytes()).isEmpty();
    MemoryUsage v2 = MemoryUsage.v2("5", V2_STAT, limit, Optional.empty()).orElseThrow();
    assertThat(v2.limitBytes()).isEmpty();
    assertThat(v2.availableBytes()).isEmpty();
  }

  @ParameterizedTest(name = "usage {0}, inactive {1}, limit {2}")
  @CsvSource({"100, 30, 200, 70, 130", "100, 130, 200, 0, 200", "300, 30, 200, 270, 0"})
  void theWorkingSetIsUsageWithoutInactiveCacheAndNeitherItNorWhatIsLeftIsNegative(
      long usage, long inactive, long limit, long workingSet, long available) {
    var memory =
        new MemoryUsage(usage, inactive, 0, 0, 0, OptionalLong.of(limit), Optional.empty());

    assertThat(memory.workingSetBytes()).isEqualTo(workingSet);
    assertThat(memory.availableBytes()).hasValue(available);
  }

  @Test
  void swapLeftIsNeverNegative() {
    assertThat(new SwapUsage(10, OptionalLong.of(4)).availableBytes()).hasValue(0);
    assertThat(new SwapUsage(10, OptionalLong.empty()).availableBytes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "max", "12 kB"})
  void withoutAUsageThereIsNoAnswer(String usage) {
    assertThat(MemoryUsage.v1(usage, V1_STAT, "1")).isEmpty();
    assertThat(MemoryUsage.v2(usage, V2_STAT, "1", Optional.empty())).isEmpty();
  }
}
