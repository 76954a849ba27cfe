package dev.longshore.kernel;

import java.nio.file.Path;

/** The folder of one cgroup in one hierarchy. Which files stand in it depends on the version. */
public sealed interface CgroupDir {
  Path path();

  /** In a hierarchy of version 1. */
  record V1(Path path) implements CgroupDir {}

  /** In the one hierarchy of version 2. */
  record V2(Path path) implements CgroupDir {}
}
