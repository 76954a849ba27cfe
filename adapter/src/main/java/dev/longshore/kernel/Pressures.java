package dev.longshore.kernel;

import java.util.Optional;

/** The pressures of a cgroup; each is empty where the kernel does not account it. */
public record Pressures(Optional<Pressure> cpu, Optional<Pressure> memory, Optional<Pressure> io) {
  /** Where nothing is accounted. */
  public static final Pressures NONE =
      new Pressures(Optional.empty(), Optional.empty(), Optional.empty());
}
