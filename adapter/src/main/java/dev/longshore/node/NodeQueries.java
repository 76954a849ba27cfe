package dev.longshore.node;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.CgroupDriver;
import dev.longshore.cri.v1.LinuxRuntimeConfiguration;
import dev.longshore.cri.v1.RuntimeConfigResponse;
import dev.longshore.cri.v1.VersionResponse;
import dev.longshore.docker.EngineInfo;
import dev.longshore.view.EngineHealth;
import java.util.function.Supplier;

/** Version and RuntimeConfig. Thread-safe. */
public final class NodeQueries {
  // Fixed words of the CRI: the kubelet refuses any other version.
  private static final String KUBELET_API_VERSION = "0.1.0";
  private static final String RUNTIME_NAME = "docker";
  private static final String CRI_VERSION = "v1";

  private final Supplier<EngineHealth> health;

  public NodeQueries(Supplier<EngineHealth> health) {
    this.health = health;
  }

  /**
   * Who serves: Docker, in the version that the daemon last told.
   *
   * @throws CriException UNAVAILABLE before the first contact
   */
  public VersionResponse version() {
    return VersionResponse.newBuilder()
        .setVersion(KUBELET_API_VERSION)
        .setRuntimeName(RUNTIME_NAME)
        .setRuntimeVersion(engine("tell the runtime's version").version())
        .setRuntimeApiVersion(CRI_VERSION)
        .build();
  }

  /**
   * The cgroup driver that the kubelet must use too: Docker's.
   *
   * @throws CriException UNAVAILABLE before the first contact
   */
  public RuntimeConfigResponse runtimeConfig() {
    String name = engine("tell the cgroup driver").cgroupDriver();
    CgroupDriver driver =
        switch (name) {
          case "systemd" -> CgroupDriver.SYSTEMD;
          case "cgroupfs" -> CgroupDriver.CGROUPFS;
          default ->
              throw new CriException(
                  Kind.UNAVAILABLE,
                  "cannot tell the cgroup driver: Docker names \"%s\", which is neither systemd nor"
                          .formatted(name)
                      + " cgroupfs; set native.cgroupdriver in its daemon.json");
        };
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
        .build();
  }

  private EngineInfo engine(String what) {
    EngineHealth now = health.get();
    return now.engine()
        .orElseThrow(
            () ->
                new CriException(
                    Kind.UNAVAILABLE,
                    "cannot %s before Docker has answered once: %s"
                        .formatted(what, now.message())));
  }
}
