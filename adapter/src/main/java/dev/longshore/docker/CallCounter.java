package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Counts calls by kind and outcome. */
final class CallCounter implements CallPolicy {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    String outcome = "internal";
    try {
      T result = next.apply(deadline);
      outcome = "ok";
      return result;
    } catch (CriException e) {
      outcome = e.kind().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      counts.computeIfAbsent(call.kind().word() + " " + outcome, _ -> new LongAdder()).increment();
    }
  }

  Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>();
    counts.forEach((key, count) -> all.put(key, count.sum()));
    return all;
  }
}
