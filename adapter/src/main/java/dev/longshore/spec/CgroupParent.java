package dev.longshore.spec;

import dev.longshore.docker.EngineInfo;

/** The cgroup above a pod's containers, as the kubelet names it and as Docker takes it. */
public final class CgroupParent {
  private CgroupParent() {}

  /**
   * The systemd driver takes the name of the last slice only, cgroupfs the whole path.
   *
   * @param path {@code linux.cgroup_parent} of the pod; empty stays empty
   */
  public static String toDocker(String path, EngineInfo engine) {
    return engine.cgroupDriver().equals("systemd")
        ? path.substring(path.lastIndexOf('/') + 1)
        : path;
  }
}
