package dev.longshore.kernel;

import java.util.Optional;

/** The pressures of a cgroup; each is empty where the kernel does not account it. */
public record Pressures(Optional<Pressure> cpu, Optional<Pressure> memory, Optional<Pressure> io) {}
