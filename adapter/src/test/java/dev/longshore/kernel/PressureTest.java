package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.kernel.Pressure.Stall;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PressureTest {
  @Test
  void totalsAreMicrosecondsAndAveragesPercent() {
    String text =
        """
        some avg10=12.34 avg60=5.00 avg300=0.01 total=1234567890123
        full avg10=0.00 avg60=0.00 avg300=0.00 total=42
        """;

    assertThat(Pressure.parse(text))
        .contains(
            new Pressure(
                new Stall(1_234_567_890_123_000L, 12.34, 5, 0.01),
                Optional.of(new Stall(42_000, 0, 0, 0))));
  }

  @Test
  void oldKernelsSayNothingOfFullForCpu() {
    assertThat(Pressure.parse("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"))
        .contains(new Pressure(new Stall(7_000, 0, 0, 0), Optional.empty()));
  }

  @Test
  void anotherFormIsNoPressure() {
    assertThat(Pressure.parse("")).isEmpty();
    assertThat(Pressure.parse("some avg10=0.00 avg60=0.00 total=7\n")).isEmpty();
    assertThat(Pressure.parse("some avg10=x avg60=0.00 avg300=0.00 total=7\n")).isEmpty();
    assertThat(Pressure.parse("full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")).isEmpty();
  }
}
