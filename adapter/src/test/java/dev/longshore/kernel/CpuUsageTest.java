package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuUsageTest {
  @Test
  void v1CountsNanoseconds() {
    assertThat(CpuUsage.v1("80477104\n")).contains(new CpuUsage(80_477_104));
  }

  @Test
  void v2CountsMicroseconds() {
    String stat =
        """
        usage_usec 22716616
        user_usec 11117331
        system_usec 11599285
        nr_periods 12
        nr_throttled 3
        throttled_usec 4567
        """;

    assertThat(CpuUsage.v2(stat)).contains(new CpuUsage(22_716_616_000L));
  }

  @Test
  void v2IsReadByNameNotByPlace() {
    assertThat(CpuUsage.v2("user_usec 1\nusage_usec_total 2\nusage_usec 3"))
        .contains(new CpuUsage(3000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "max", "usage_usec", "usage_usec x", "-1"})
  void textOfAnotherFormIsNoUsage(String text) {
    assertThat(CpuUsage.v1(text)).isEmpty();
    assertThat(CpuUsage.v2(text)).isEmpty();
  }
}
