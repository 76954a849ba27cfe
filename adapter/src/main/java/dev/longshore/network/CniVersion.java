package dev.longshore.network;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of the CNI specification. */
record CniVersion(int major, int minor, int patch) implements Comparable<CniVersion> {
  /** What a configuration without a version has (specification 0.2.0, on VERSION). */
  static final CniVersion OLDEST = new CniVersion(0, 1, 0);

  /** The first with CHECK, and with prevResult on DEL. */
  static final CniVersion WITH_CHECK = new CniVersion(0, 4, 0);

  /** The first with STATUS. */
  static final CniVersion WITH_STATUS = new CniVersion(1, 1, 0);

  /** The newest Longshore speaks. */
  static final CniVersion NEWEST = new CniVersion(1, 1, 0);

  private static final Pattern FORM =
      Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?(?:\\.(\\d{1,6}))?");
  private static final Comparator<CniVersion> ORDER =
      Comparator.comparingInt(CniVersion::major)
          .thenComparingInt(CniVersion::minor)
          .thenComparingInt(CniVersion::patch);

  static CniVersion parse(String text) throws CniFormatException {
    if (text.isEmpty()) {
      return OLDEST;
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new CniFormatException("\"" + text + "\" is not a CNI version such as 1.0.0");
    }
    return new CniVersion(part(form, 1), part(form, 2), part(form, 3));
  }

  private static int part(Matcher form, int group) {
    return form.group(group) == null ? 0 : Integer.parseInt(form.group(group));
  }

  boolean atLeast(CniVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(CniVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
