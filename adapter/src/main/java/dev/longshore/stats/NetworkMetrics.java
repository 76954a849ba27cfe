package dev.longshore.stats;

import dev.longshore.kernel.InterfaceUse;
import dev.longshore.kernel.InterfaceUse.Flow;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Traffic of pods, without loopback. */
final class NetworkMetrics {
  static final List<Metric> ALL =
      Stream.concat(
              flow("receive", "received", InterfaceUse::received),
              flow("transmit", "sent", InterfaceUse::sent))
          .toList();

  private NetworkMetrics() {}

  private static Stream<Metric> flow(
      String name, String word, Function<InterfaceUse, Flow> direction) {
    String prefix = "container_network_" + name + "_";
    return Stream.of(
        metric(prefix + "bytes_total", "Bytes " + word, direction, Flow::bytes),
        metric(prefix + "packets_total", "Packets " + word, direction, Flow::packets),
        metric(
            prefix + "errors_total",
            "Packets that could not be %s for an error".formatted(word),
            direction,
            Flow::errors),
        metric(
            prefix + "packets_dropped_total",
            "Packets that were dropped for want of room instead of being " + word,
            direction,
            Flow::dropped));
  }

  private static Metric metric(
      String name,
      String help,
      Function<InterfaceUse, Flow> direction,
      ToLongFunction<Flow> number) {
    return Metric.counter(
        name,
        help,
        (subject, out) ->
            subject
                .interfaces()
                .forEach(
                    use ->
                        out.value((double) number.applyAsLong(direction.apply(use)), use.name())),
        "interface");
  }
}
