package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bandwidth as pods' annotations give it: a Kubernetes quantity of bits per second from 1k to 1P,
 * the bounds that the kubelet has always set.
 */
final class Bandwidth {
  private static final BigDecimal LEAST = BigDecimal.TEN.pow(3);
  private static final BigDecimal MOST = BigDecimal.TEN.pow(15);

  private static final Pattern QUANTITY =
      Pattern.compile(
          "([+-]?(?:\\d{1,30}(?:\\.\\d{0,30})?|\\.\\d{1,30}))"
              + "([numkMGTPE]|[KMGTPE]i|[eE][+-]?\\d{1,2})?");
  private static final Map<String, BigDecimal> UNITS =
      Map.ofEntries(
          Map.entry("n", BigDecimal.ONE.movePointLeft(9)),
          Map.entry("u", BigDecimal.ONE.movePointLeft(6)),
          Map.entry("m", BigDecimal.ONE.movePointLeft(3)),
          Map.entry("", BigDecimal.ONE),
          Map.entry("k", BigDecimal.TEN.pow(3)),
          Map.entry("M", BigDecimal.TEN.pow(6)),
          Map.entry("G", BigDecimal.TEN.pow(9)),
          Map.entry("T", BigDecimal.TEN.pow(12)),
          Map.entry("P", BigDecimal.TEN.pow(15)),
          Map.entry("E", BigDecimal.TEN.pow(18)),
          Map.entry("Ki", BigDecimal.TWO.pow(10)),
          Map.entry("Mi", BigDecimal.TWO.pow(20)),
          Map.entry("Gi", BigDecimal.TWO.pow(30)),
          Map.entry("Ti", BigDecimal.TWO.pow(40)),
          Map.entry("Pi", BigDecimal.TWO.pow(50)),
          Map.entry("Ei", BigDecimal.TWO.pow(60)));

  private Bandwidth() {}

  /** Bits per second, fractions rounded up; INVALID, naming the annotation, for anything else. */
  static long parse(String annotation, String text) {
    Matcher quantity = QUANTITY.matcher(text.strip());
    if (!quantity.matches()) {
      throw invalid(annotation, text, "is no quantity such as 10M");
    }
    BigDecimal bits = new BigDecimal(quantity.group(1)).multiply(unit(quantity.group(2)));
    if (bits.compareTo(LEAST) < 0 || bits.compareTo(MOST) > 0) {
      throw invalid(annotation, text, "is outside of 1k to 1P bits per second");
    }
    return bits.setScale(0, RoundingMode.CEILING).longValueExact();
  }

  private static BigDecimal unit(@Nullable String suffix) {
    if (suffix == null) {
      return BigDecimal.ONE;
    }
    BigDecimal known = UNITS.get(suffix);
    return known != null ? known : new BigDecimal("1" + suffix);
  }

  private static CriException invalid(String annotation, String text, String why) {
    return new CriException(
        Kind.INVALID, "annotation %s: \"%s\" %s".formatted(annotation, text, why));
  }
}
