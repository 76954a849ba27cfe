package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.kernel.InterfaceUse.Flow;
import org.junit.jupiter.api.Test;

class InterfaceUseTest {
  private static final String HEADINGS =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
      """;

  @Test
  void eachLineBelowTheHeadingsIsAnInterface() {
    assertThat(
            InterfaceUse.parse(
                HEADINGS
                    + """
                        lo:     168       2    0    0    0     0          0         0      168       2    0    0    0     0       0          0
                      eth0: 5000000    4001    3    4    5     6          7         8  9000000    8001   13   14   15    16      17         18
                    """))
        .containsExactly(
            new InterfaceUse("lo", new Flow(168, 2, 0, 0), new Flow(168, 2, 0, 0)),
            new InterfaceUse(
                "eth0", new Flow(5_000_000, 4001, 3, 4), new Flow(9_000_000, 8001, 13, 14)));
  }

  @Test
  void numbersMayFollowTheColonAtOnceAndNamesMayHoldColons() {
    assertThat(InterfaceUse.parse("eth0:1:99 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n"))
        .containsExactly(new InterfaceUse("eth0:1", new Flow(99, 1, 0, 0), new Flow(5, 1, 0, 0)));
  }

  @Test
  void linesOfAnotherFormArePassed() {
    assertThat(InterfaceUse.parse("")).isEmpty();
    assertThat(InterfaceUse.parse("eth0: 1 2 3\nwlan0: a b c d e f g h i j k l m n o p\n"))
        .isEmpty();
  }
}
