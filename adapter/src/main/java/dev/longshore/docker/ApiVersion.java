package dev.longshore.docker;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Docker's API, such as 1.41. */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /** Engine 19.03: the oldest Longshore works with. */
  public static final ApiVersion OLDEST = new ApiVersion(1, 40);

  /** Engine 28.5: the newest whose documents were read; later ones speak it too. */
  public static final ApiVersion NEWEST = new ApiVersion(1, 51);

  /** Bind mounts can ask for their host path to be made (Engine 23.0). */
  public static final ApiVersion CREATES_MOUNTPOINTS = new ApiVersion(1, 42);

  /** Read-only bind mounts are recursively so unless told otherwise (Engine 25.0). */
  public static final ApiVersion RECURSIVE_READ_ONLY = new ApiVersion(1, 44);

  /** Devices can be asked for by their CDI names (Engine 25.0; to be switched on before 28). */
  public static final ApiVersion CDI_DEVICES = new ApiVersion(1, 44);

  /** Images can be mounted into containers (Engine 28.0). */
  public static final ApiVersion IMAGE_MOUNTS = new ApiVersion(1, 48);

  private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  /** Empty for a text of another form. */
  public static Optional<ApiVersion> parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    return matcher.matches()
        ? Optional.of(
            new ApiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  public boolean atLeast(ApiVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
