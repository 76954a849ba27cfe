package dev.longshore.container;

import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineInfo;
import java.util.List;

/** What becomes of a container's configuration, for tests elsewhere. */
public final class ContainerTranslation {
  private ContainerTranslation() {}

  /** In a pod that is on the network of that mode. */
  public static ContainerSpec of(
      ContainerConfig config, PodSandboxConfig pod, String networkMode, EngineInfo engine) {
    return ContainerSpecs.from(
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(Samples.SANDBOX.value())
            .setConfig(config)
            .setSandboxConfig(pod)
            .build(),
        Samples.sandbox(networkMode),
        engine,
        List.of());
  }
}
