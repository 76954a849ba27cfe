package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.BindMount;
import dev.longshore.docker.ContainerSpec.CdiDevice;
import dev.longshore.docker.ContainerSpec.DeviceSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.FixedMount;
import dev.longshore.docker.ContainerSpec.HostDevice;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.ContainerSpec.MountSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.PortBinding;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What we send, as Docker's API documents it. Raw JSON, since docker-java's models have not every
 * field and send null for what they were not given, and an empty list is not the same to Docker as
 * an absent one.
 */
final class ContainerJson {
  private ContainerJson() {}

  /** The body of {@code POST /containers/create}. */
  static ObjectNode create(ContainerSpec spec, ApiVersion version) {
    ObjectNode body = Wire.JSON.createObjectNode();
    body.put("Image", spec.image());
    map(body, "Labels", spec.labels());
    process(body, spec.process());
    text(body, "Hostname", spec.namespaces().hostname());
    // Neither a health check of the image nor a restart of Docker's own: both are the kubelet's.
    body.putObject("Healthcheck").putArray("Test").add("NONE");
    ObjectNode host = body.putObject("HostConfig");
    host.putObject("RestartPolicy").put("Name", "no");
    text(host, "Runtime", spec.runtime());
    log(host, spec.log());
    namespaces(host, spec.namespaces());
    security(host, spec.security());
    limits(host, spec.resources());
    number(host, "OomScoreAdj", spec.resources().oomScoreAdj());
    mounts(host, spec.mounts(), version);
    devices(host, spec.devices());
    ports(body, host, spec.exposedPorts());
    return body;
  }

  /** The body of {@code POST /containers/{id}/update}. */
  static ObjectNode update(ResourceSpec resources) {
    ObjectNode body = Wire.JSON.createObjectNode();
    limits(body, resources);
    return body;
  }

  /** The body of {@code POST /containers/{id}/exec}. */
  static ObjectNode exec(ExecSpec spec) {
    ObjectNode body = Wire.JSON.createObjectNode();
    body.put("AttachStdin", spec.stdin());
    body.put("AttachStdout", true);
    body.put("AttachStderr", true);
    body.put("Tty", spec.tty());
    list(body, "Cmd", spec.command());
    return body;
  }

  private static void log(ObjectNode host, LogSpec log) {
    if (!log.driver().isEmpty()) {
      ObjectNode config = host.putObject("LogConfig").put("Type", log.driver());
      map(config, "Config", log.options());
    }
  }

  private static void process(ObjectNode body, ProcessSpec process) {
    list(body, "Entrypoint", process.entrypoint());
    list(body, "Cmd", process.command());
    list(body, "Env", process.environment());
    text(body, "WorkingDir", process.workingDir());
    text(body, "User", process.user());
    text(body, "StopSignal", process.stopSignal());
    body.put("OpenStdin", process.stdin());
    body.put("StdinOnce", process.stdinOnce());
    body.put("Tty", process.tty());
  }

  private static void namespaces(ObjectNode host, NamespaceSpec namespaces) {
    text(host, "NetworkMode", namespaces.network());
    text(host, "PidMode", namespaces.pid());
    text(host, "IpcMode", namespaces.ipc());
    text(host, "UTSMode", namespaces.uts());
    text(host, "CgroupParent", namespaces.cgroupParent());
    map(host, "Sysctls", namespaces.sysctls());
    DnsSpec dns = namespaces.dns();
    list(host, "Dns", dns.servers());
    list(host, "DnsSearch", dns.searches());
    list(host, "DnsOptions", dns.options());
  }

  private static void security(ObjectNode host, SecuritySpec security) {
    host.put("Privileged", security.privileged());
    host.put("ReadonlyRootfs", security.readonlyRootfs());
    list(host, "CapAdd", security.addCapabilities());
    list(host, "CapDrop", security.dropCapabilities());
    list(host, "SecurityOpt", security.options());
    list(host, "GroupAdd", security.groups());
    security.maskedPaths().ifPresent(paths -> array(host, "MaskedPaths", paths));
    security.readonlyPaths().ifPresent(paths -> array(host, "ReadonlyPaths", paths));
  }

  private static void limits(ObjectNode node, ResourceSpec resources) {
    number(node, "CpuPeriod", resources.cpuPeriodMicros());
    number(node, "CpuQuota", resources.cpuQuotaMicros());
    number(node, "CpuShares", resources.cpuShares());
    number(node, "Memory", resources.memoryBytes());
    number(node, "MemorySwap", resources.memorySwapBytes());
    number(node, "PidsLimit", resources.pidsLimit());
    resources.cpusetCpus().ifPresent(cpus -> node.put("CpusetCpus", cpus));
    resources.cpusetMems().ifPresent(mems -> node.put("CpusetMems", mems));
  }

  /**
   * Entries of {@code Mounts}, which say everything but relabelling; and before API 1.42 those fail
   * on a host path that does not exist, where the older {@code Binds} make it. A colon cannot stand
   * in a bind.
   */
  private static void mounts(ObjectNode host, Collection<MountSpec> mounts, ApiVersion version) {
    Map<String, Integer> mountsOfImages = new HashMap<>();
    for (MountSpec mount : mounts) {
      switch (mount) {
        case BindMount bind -> bind(host, bind, version);
        case FixedMount(String source, String target) ->
            host.withArray("/Mounts").add(entry("bind", source, target, true));
        case ImageMount image -> {
          int count = mountsOfImages.merge(image.imageId(), 1, Integer::sum);
          host.withArray("/Mounts").add(entry(image, source(image.imageId(), count)));
        }
      }
    }
  }

  private static void bind(ObjectNode host, BindMount mount, ApiVersion version) {
    boolean colon = mount.source().contains(":") || mount.target().contains(":");
    boolean entry = version.atLeast(ApiVersion.CREATES_MOUNTPOINTS) || colon;
    if (entry && !mount.relabel()) {
      host.withArray("/Mounts").add(entry(mount, version));
    } else {
      host.withArray("/Binds").add(bind(mount));
    }
  }

  private static ObjectNode entry(String type, String source, String target, boolean readonly) {
    return Wire.JSON
        .createObjectNode()
        .put("Type", type)
        .put("Source", source)
        .put("Target", target)
        .put("ReadOnly", readonly);
  }

  /**
   * Docker names what it mounts by container and source, and fails on a name that is taken (seen
   * with 28.5, both image stores). So the id is written another way for each mount of one image:
   * without its prefix, and then with a digit less each time.
   */
  private static String source(String imageId, int count) {
    if (count == 1) {
      return imageId;
    }
    String hex = imageId.substring(imageId.indexOf(':') + 1);
    return hex.substring(0, Math.max(0, hex.length() - (count - 2)));
  }

  private static ObjectNode entry(ImageMount mount, String source) {
    ObjectNode entry = entry("image", source, mount.target(), true);
    if (!mount.subPath().isEmpty()) {
      entry.putObject("ImageOptions").put("Subpath", mount.subPath());
    }
    return entry;
  }

  private static ObjectNode entry(BindMount mount, ApiVersion version) {
    ObjectNode entry = entry("bind", mount.source(), mount.target(), mount.readonly());
    ObjectNode options = entry.putObject("BindOptions");
    text(options, "Propagation", mount.recursiveReadonly() ? "rprivate" : mount.propagation());
    if (version.atLeast(ApiVersion.CREATES_MOUNTPOINTS)) {
      options.put("CreateMountpoint", true);
    }
    if (mount.recursiveReadonly()) {
      options.put("ReadOnlyForceRecursive", true);
    } else if (mount.readonly() && version.atLeast(ApiVersion.RECURSIVE_READ_ONLY)) {
      options.put("ReadOnlyNonRecursive", true);
    }
    return entry;
  }

  private static String bind(BindMount mount) {
    List<String> options = new ArrayList<>(List.of(mount.readonly() ? "ro" : "rw"));
    if (mount.relabel()) {
      options.add("Z");
    }
    if (!mount.propagation().isEmpty()) {
      options.add(mount.propagation());
    }
    return mount.source() + ":" + mount.target() + ":" + String.join(",", options);
  }

  private static void devices(ObjectNode host, Collection<DeviceSpec> devices) {
    ArrayNode cdi = Wire.JSON.createArrayNode();
    for (DeviceSpec device : devices) {
      switch (device) {
        case HostDevice(String hostPath, String containerPath, String permissions) ->
            host.withArray("/Devices")
                .addObject()
                .put("PathOnHost", hostPath)
                .put("PathInContainer", containerPath)
                .put("CgroupPermissions", permissions);
        case CdiDevice(String name) -> cdi.add(name);
      }
    }
    if (!cdi.isEmpty()) {
      host.withArray("/DeviceRequests").addObject().put("Driver", "cdi").set("DeviceIDs", cdi);
    }
  }

  private static void ports(ObjectNode body, ObjectNode host, Collection<PortBinding> ports) {
    for (PortBinding port : ports) {
      String key = port.containerPort() + "/" + port.protocol();
      body.withObjectProperty("ExposedPorts").withObjectProperty(key);
      host.withObjectProperty("PortBindings")
          .withArrayProperty(key)
          .addObject()
          .put("HostIp", port.hostIp())
          .put("HostPort", Integer.toString(port.hostPort()));
    }
  }

  private static void text(ObjectNode node, String field, String value) {
    if (!value.isEmpty()) {
      node.put(field, value);
    }
  }

  private static void number(ObjectNode node, String field, OptionalLong value) {
    value.ifPresent(number -> node.put(field, number));
  }

  private static void list(ObjectNode node, String field, Collection<String> values) {
    if (!values.isEmpty()) {
      array(node, field, values);
    }
  }

  private static void array(ObjectNode node, String field, Collection<String> values) {
    ArrayNode array = node.putArray(field);
    values.forEach(array::add);
  }

  private static void map(ObjectNode node, String field, Map<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode object = node.putObject(field);
      new TreeMap<>(values).forEach(object::put);
    }
  }
}
