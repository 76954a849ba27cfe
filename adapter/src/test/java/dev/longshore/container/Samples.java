package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.view.SandboxView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A pod named web and requests for containers in it. */
final class Samples {
  static final ContainerId SANDBOX = new ContainerId("5a".repeat(32));
  static final String SANDBOX_NAME = "k8s_POD_web_default_uid-1_0";
  static final String NAME = "k8s_app_web_default_uid-1_0";
  static final String IMAGE = "busybox:1";
  static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private Samples() {}

  static SandboxView sandbox(String networkMode) {
    return new SandboxView(
        new EngineContainer(
            SANDBOX,
            SANDBOX_NAME,
            NOON,
            new EngineState.Running(77, NOON, false),
            "sha256:" + "0f".repeat(32),
            "pause:3",
            Map.of(KubeLabels.TYPE, KubeLabels.TYPE_SANDBOX),
            new HostSettings(
                networkMode,
                "",
                "shareable",
                "crun",
                "/kubepods/sandbox",
                false,
                false,
                "",
                "",
                ResourceSpec.NONE),
            List.of(),
            ""),
        KubeName.sandbox("web", "default", "uid-1", 0),
        new KubeLabels.Metadata(Map.of(), Map.of(), Optional.empty(), "", ""));
  }

  static EngineInfo info(String cgroupDriver, String... securityOptions) {
    return engine("28.5.1", "1.51", cgroupDriver, Set.of(), securityOptions);
  }

  static EngineInfo engine(
      String version, String api, Set<String> recursive, String... securityOptions) {
    return engine(version, api, "systemd", recursive, securityOptions);
  }

  /** With cgroup v2. */
  private static EngineInfo engine(
      String version,
      String api,
      String cgroupDriver,
      Set<String> recursive,
      String... securityOptions) {
    return new EngineInfo(
        version,
        api,
        api,
        cgroupDriver,
        2,
        "/var/lib/docker",
        "overlay2",
        "json-file",
        "runc",
        List.of("runc"),
        List.of(securityOptions),
        false,
        recursive,
        Map.of(),
        List.of());
  }

  static ContainerConfig.Builder config() {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("app"))
        .setImage(ImageSpec.newBuilder().setImage(IMAGE));
  }

  static ContainerConfig.Builder secured(LinuxContainerSecurityContext.Builder context) {
    return config().setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
  }

  static CreateContainerRequest request(ContainerConfig.Builder config) {
    return request(config, SANDBOX.value());
  }

  static CreateContainerRequest request(ContainerConfig.Builder config, String sandboxId) {
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(sandboxId)
        .setConfig(config)
        .setSandboxConfig(PodSandboxConfig.newBuilder().setLogDirectory("/var/log/pods/web"))
        .build();
  }
}
