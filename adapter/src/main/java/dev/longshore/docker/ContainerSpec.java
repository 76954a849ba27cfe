package dev.longshore.docker;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to create, in Docker's terms ({@code POST /containers/create}). Empty texts and lists are
 * left out of the request; an {@code Optional} list that is present is sent even when it is empty.
 *
 * @param runtime name of Docker's runtime; empty for the daemon's default
 * @param exposedPorts container ports and the host ports bound to them, Docker's own networks only
 */
public record ContainerSpec(
    String name,
    String image,
    Map<String, String> labels,
    ProcessSpec process,
    NamespaceSpec namespaces,
    SecuritySpec security,
    ResourceSpec resources,
    List<MountSpec> mounts,
    List<DeviceSpec> devices,
    List<PortBinding> exposedPorts,
    String runtime,
    LogSpec log) {
  public ContainerSpec {
    labels = Map.copyOf(labels);
    mounts = List.copyOf(mounts);
    devices = List.copyOf(devices);
    exposedPorts = List.copyOf(exposedPorts);
  }

  /** The same container with other limits. */
  public ContainerSpec withResources(ResourceSpec changed) {
    return with(changed, mounts, log);
  }

  /** The same container with its output kept in another way. */
  public ContainerSpec withLog(LogSpec changed) {
    return with(resources, mounts, changed);
  }

  /** The same container with other mounts. */
  public ContainerSpec withMounts(List<MountSpec> changed) {
    return with(resources, changed, log);
  }

  private ContainerSpec with(ResourceSpec newResources, List<MountSpec> newMounts, LogSpec newLog) {
    return new ContainerSpec(
        name,
        image,
        labels,
        process,
        namespaces,
        security,
        newResources,
        newMounts,
        devices,
        exposedPorts,
        runtime,
        newLog);
  }

  /** The process: {@code entrypoint} and {@code command} replace the image's when not empty. */
  public record ProcessSpec(
      List<String> entrypoint,
      List<String> command,
      List<String> environment,
      String workingDir,
      String user,
      String stopSignal,
      boolean stdin,
      boolean stdinOnce,
      boolean tty) {
    public ProcessSpec {
      entrypoint = List.copyOf(entrypoint);
      command = List.copyOf(command);
      environment = List.copyOf(environment);
    }
  }

  /**
   * Namespaces and what depends on them. Modes are Docker's words: empty for the daemon's default,
   * {@code none}, {@code host}, {@code shareable}, {@code container:<id>}.
   *
   * @param cgroupParent as the daemon's cgroup driver takes it
   */
  public record NamespaceSpec(
      String network,
      String pid,
      String ipc,
      String uts,
      String hostname,
      String cgroupParent,
      Map<String, String> sysctls,
      DnsSpec dns) {
    public NamespaceSpec {
      sysctls = Map.copyOf(sysctls);
    }
  }

  /** Lines of resolv.conf. All empty: Docker's own choice. */
  public record DnsSpec(List<String> servers, List<String> searches, List<String> options) {
    /** Docker's own choice. */
    public static final DnsSpec DEFAULT = new DnsSpec(List.of(), List.of(), List.of());

    public DnsSpec {
      servers = List.copyOf(servers);
      searches = List.copyOf(searches);
      options = List.copyOf(options);
    }
  }

  /**
   * Privileges.
   *
   * @param options Docker's {@code SecurityOpt} entries, such as {@code seccomp=unconfined}
   * @param maskedPaths empty optional for Docker's defaults, an empty list for none
   */
  public record SecuritySpec(
      boolean privileged,
      boolean readonlyRootfs,
      List<String> addCapabilities,
      List<String> dropCapabilities,
      List<String> options,
      List<String> groups,
      Optional<List<String>> maskedPaths,
      Optional<List<String>> readonlyPaths) {
    public SecuritySpec {
      addCapabilities = List.copyOf(addCapabilities);
      dropCapabilities = List.copyOf(dropCapabilities);
      options = List.copyOf(options);
      groups = List.copyOf(groups);
      maskedPaths = maskedPaths.map(List::copyOf);
      readonlyPaths = readonlyPaths.map(List::copyOf);
    }
  }

  /** What a container sees at a path of its own. */
  public sealed interface MountSpec {
    /** Absolute path in the container. */
    String target();
  }

  /**
   * A host path in the container; a missing host path is made as an empty directory.
   *
   * @param propagation {@code rprivate}, {@code rslave}, {@code rshared}, or empty for the daemon's
   *     default
   * @param recursiveReadonly read-only with all mounts below it, or no container at all (API 1.44);
   *     only beside {@code readonly} and without a propagation
   * @param relabel the source gets the container's own SELinux label
   */
  public record BindMount(
      String source,
      String target,
      boolean readonly,
      String propagation,
      boolean recursiveReadonly,
      boolean relabel)
      implements MountSpec {
    /** Neither read-only to the bottom nor relabelled. */
    public BindMount(String source, String target, boolean readonly, String propagation) {
      this(source, target, readonly, propagation, false, false);
    }
  }

  /** A host path in the container, read-only; a missing one fails the container. */
  public record FixedMount(String source, String target) implements MountSpec {}

  /**
   * The content of an image, read-only (API 1.48).
   *
   * @param subPath folder or file of the image, relative; empty for all of it
   */
  public record ImageMount(String imageId, String target, String subPath) implements MountSpec {}

  /** A device the container may use. */
  public sealed interface DeviceSpec {}

  /** A host device; {@code permissions} is a subset of {@code rwm}. */
  public record HostDevice(String hostPath, String containerPath, String permissions)
      implements DeviceSpec {}

  /** A device of the Container Device Interface, {@code vendor/class=name} (API 1.44). */
  public record CdiDevice(String name) implements DeviceSpec {}

  /** A port published by Docker itself; {@code protocol} is tcp, udp or sctp. */
  public record PortBinding(int containerPort, String protocol, String hostIp, int hostPort) {}
}
