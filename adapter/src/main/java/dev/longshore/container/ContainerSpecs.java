package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.require;
import static dev.longshore.container.Requests.requireAbsolute;
import static dev.longshore.container.Requests.unsupported;

import com.google.protobuf.ByteString;
import dev.longshore.common.ContainerId;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.KeyValue;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ImageVolume;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.spec.CgroupParent;
import dev.longshore.spec.RequestHash;
import dev.longshore.spec.SecurityOptions;
import dev.longshore.view.SandboxView;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CreateContainer requests to what Docker is asked to create. Pure but for seccomp profiles, which
 * are read from this node's disk. Every refusal names the field; what Docker cannot do is refused
 * (UNSUPPORTED), never left out.
 *
 * <p>A container lives in its sandbox's network and IPC namespaces; Docker gives it the sandbox's
 * hostname, hosts and resolv.conf with the network.
 */
final class ContainerSpecs {
  private ContainerSpecs() {}

  /**
   * The container to create. The caller has checked that a PID namespace to be joined is that of a
   * container of the same sandbox.
   *
   * @param volumes the request's mounts of images
   * @throws dev.longshore.common.CriException INVALID for a wrong request, UNSUPPORTED for one that
   *     this Docker cannot meet
   */
  static ContainerSpec from(
      CreateContainerRequest request,
      SandboxView sandbox,
      EngineInfo info,
      List<ImageVolume> volumes) {
    ContainerConfig config = request.getConfig();
    KubeName name = name(config, sandbox.name());
    require("config.image.image", config.getImage().getImage());
    boolean secured = config.getLinux().hasSecurityContext();
    LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
    if (config.hasWindows()) {
      throw unsupported("config.windows", "this node runs Linux containers");
    }
    ResourceSpec resources =
        config.getLinux().hasResources()
            ? ResourceSpecs.forCreate(config.getLinux().getResources())
            : ResourceSpec.NONE;
    SecuritySpec security = secured ? SecuritySpecs.security(context) : SecuritySpecs.DEFAULTS;
    SecurityOptions.check("config.linux.security_context", security.options(), info);
    return new ContainerSpec(
        name.toDockerName(),
        config.getImage().getImage(),
        labels(
            request,
            sandbox,
            KernelLimits.from(config.getLinux().getResources(), resources, info.cgroupVersion()),
            volumes),
        process(config),
        namespaces(request, sandbox, info),
        security,
        resources,
        Stream.concat(
                MountSpecs.mounts(config, info, sandbox.engine().host().runtime()).stream(),
                ImageVolumeSpecs.mounts(volumes).stream())
            .toList(),
        MountSpecs.devices(config, info),
        List.of(),
        sandbox.engine().host().runtime(),
        LogSpec.DAEMONS_CHOICE);
  }

  /** What Docker will say of a container just created from that. */
  static EngineContainer asCreated(
      ContainerSpec spec, ContainerId id, EngineImage image, Instant now) {
    NamespaceSpec namespaces = spec.namespaces();
    String user = spec.process().user();
    return new EngineContainer(
        id,
        spec.name(),
        now,
        new EngineState.Created(),
        image.id(),
        spec.image(),
        spec.labels(),
        new HostSettings(
            namespaces.network(),
            namespaces.pid(),
            namespaces.ipc(),
            spec.runtime(),
            namespaces.cgroupParent(),
            spec.security().privileged(),
            spec.process().tty(),
            user.isEmpty() ? image.user() : user,
            spec.process().stopSignal(),
            spec.resources()),
        MountSpecs.asMade(spec.mounts()),
        "");
  }

  /** The name in Docker; the pod's part of it comes from the sandbox. */
  static KubeName name(ContainerConfig config, KubeName pod) {
    require("config.metadata.name", config.getMetadata().getName());
    return new KubeName(
        config.getMetadata().getName(),
        pod.pod(),
        pod.namespace(),
        pod.uid(),
        Integer.toUnsignedLong(config.getMetadata().getAttempt()));
  }

  private static Map<String, String> labels(
      CreateContainerRequest request,
      SandboxView sandbox,
      Map<String, String> limits,
      List<ImageVolume> volumes) {
    ContainerConfig config = request.getConfig();
    return KubeLabels.forContainer(
        new KubeLabels.Metadata(
            config.getLabelsMap(),
            config.getAnnotationsMap(),
            Optional.empty(),
            imageName(config.getImage()),
            RequestHash.of(config),
            limits,
            volumes),
        sandbox.engine().id().value(),
        logPath(request.getSandboxConfig().getLogDirectory(), config.getLogPath()));
  }

  private static String imageName(ImageSpec image) {
    return image.getUserSpecifiedImage().isEmpty()
        ? image.getImage()
        : image.getUserSpecifiedImage();
  }

  /** Empty when the request wants no log: either part is missing. */
  private static String logPath(String directory, String path) {
    if (directory.isEmpty() || path.isEmpty()) {
      return "";
    }
    Path folder = Path.of(requireAbsolute("sandbox_config.log_directory", directory)).normalize();
    Path file = folder.resolve(path).normalize();
    if (!file.startsWith(folder) || file.equals(folder)) {
      throw invalid("config.log_path", "\"%s\" leads out of %s".formatted(path, folder));
    }
    return file.toString();
  }

  private static ProcessSpec process(ContainerConfig config) {
    return new ProcessSpec(
        config.getCommandList(),
        config.getArgsList(),
        config.getEnvsList().stream().map(ContainerSpecs::variable).toList(),
        config.getWorkingDir(),
        SecuritySpecs.user(config.getLinux().getSecurityContext()),
        StopSignals.toDocker(config.getStopSignal()),
        config.getStdin(),
        config.getStdinOnce(),
        config.getTty());
  }

  private static String variable(KeyValue variable) {
    if (variable.getKey().isEmpty() || variable.getKey().contains("=")) {
      throw invalid("config.envs", "\"%s\" is no name of a variable".formatted(variable.getKey()));
    }
    return variable.getKey() + "=" + text(variable.getKey(), variable.getValue());
  }

  private static String text(String key, ByteString value) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(value.asReadOnlyByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw unsupported(
          "config.envs", "the value of %s is not UTF-8, which Docker's API needs".formatted(key));
    }
  }

  private static NamespaceSpec namespaces(
      CreateContainerRequest request, SandboxView sandbox, EngineInfo info) {
    NamespaceOption options =
        request.getConfig().getLinux().getSecurityContext().getNamespaceOptions();
    checkShared("network", options.getNetwork());
    checkShared("ipc", options.getIpc());
    String joined = container(sandbox.engine().id().value());
    boolean hostNetwork = sandbox.engine().host().networkMode().equals("host");
    return new NamespaceSpec(
        joined,
        pidMode(options, joined),
        joined,
        hostNetwork ? "host" : "",
        "",
        cgroupParent(request, sandbox, info),
        Map.of(),
        DnsSpec.DEFAULT);
  }

  /** POD and NODE are both the sandbox's: it is in the host's namespace itself when so asked. */
  private static void checkShared(String namespace, NamespaceMode mode) {
    if (mode != NamespaceMode.POD && mode != NamespaceMode.NODE) {
      throw unsupported(
          "linux.security_context.namespace_options." + namespace,
          "a container shares this namespace with its pod, mode " + mode + " is not offered");
    }
  }

  private static String pidMode(NamespaceOption options, String sandbox) {
    return switch (options.getPid()) {
      case POD -> sandbox;
      case NODE -> "host";
      case CONTAINER -> "";
      case TARGET ->
          container(
              require("linux.security_context.namespace_options.target_id", options.getTargetId()));
      case UNRECOGNIZED ->
          throw invalid("linux.security_context.namespace_options.pid", "unknown value");
    };
  }

  private static String container(String id) {
    return "container:" + id;
  }

  private static String cgroupParent(
      CreateContainerRequest request, SandboxView sandbox, EngineInfo info) {
    String parent = request.getSandboxConfig().getLinux().getCgroupParent();
    if (parent.isEmpty()) {
      return sandbox.engine().host().cgroupParent();
    }
    return CgroupParent.toDocker(parent, info);
  }
}
