package dev.longshore.sandbox;

import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineInfo;

/** What becomes of a sandbox's configuration, for tests elsewhere. */
public final class SandboxTranslation {
  private SandboxTranslation() {}

  /** With the default runtime. */
  public static ContainerSpec of(PodSandboxConfig config, EngineInfo engine) {
    return SandboxSpecs.from(
        RunPodSandboxRequest.newBuilder().setConfig(config).build(), "sha256:pause", engine);
  }
}
