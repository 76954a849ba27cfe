package dev.longshore.docker;

import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Container specifications for tests: the smallest that Docker takes, and changes to it. */
public final class TestSpecs {
  private TestSpecs() {}

  /** A container without a network that runs the command. */
  public static ContainerSpec container(String name, String image, String... command) {
    return new ContainerSpec(
        name,
        image,
        Map.of(),
        process(command),
        namespaces("none"),
        security(),
        ResourceSpec.NONE,
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }

  public static ContainerSpec withLabels(ContainerSpec spec, Map<String, String> labels) {
    return new ContainerSpec(
        spec.name(),
        spec.image(),
        labels,
        spec.process(),
        spec.namespaces(),
        spec.security(),
        spec.resources(),
        spec.mounts(),
        spec.devices(),
        spec.exposedPorts(),
        spec.runtime(),
        LogSpec.DAEMONS_CHOICE);
  }

  public static ContainerSpec withMemory(ContainerSpec spec, long bytes) {
    return new ContainerSpec(
        spec.name(),
        spec.image(),
        spec.labels(),
        spec.process(),
        spec.namespaces(),
        spec.security(),
        new ResourceSpec(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.of(bytes),
            OptionalLong.of(bytes),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty()),
        spec.mounts(),
        spec.devices(),
        spec.exposedPorts(),
        spec.runtime(),
        LogSpec.DAEMONS_CHOICE);
  }

  public static ContainerSpec withNetwork(ContainerSpec spec, String network) {
    return withNamespaces(spec, namespaces(network));
  }

  public static ContainerSpec withNamespaces(ContainerSpec spec, NamespaceSpec namespaces) {
    return new ContainerSpec(
        spec.name(),
        spec.image(),
        spec.labels(),
        spec.process(),
        namespaces,
        spec.security(),
        spec.resources(),
        spec.mounts(),
        spec.devices(),
        spec.exposedPorts(),
        spec.runtime(),
        LogSpec.DAEMONS_CHOICE);
  }

  public static ContainerSpec withMounts(ContainerSpec spec, List<ContainerSpec.MountSpec> mounts) {
    return new ContainerSpec(
        spec.name(),
        spec.image(),
        spec.labels(),
        spec.process(),
        spec.namespaces(),
        spec.security(),
        spec.resources(),
        mounts,
        spec.devices(),
        spec.exposedPorts(),
        spec.runtime(),
        LogSpec.DAEMONS_CHOICE);
  }

  public static ProcessSpec process(String... command) {
    return new ProcessSpec(List.of(command), List.of(), List.of(), "", "", "", false, false, false);
  }

  public static NamespaceSpec namespaces(String network) {
    return new NamespaceSpec(network, "", "", "", "", "", Map.of(), DnsSpec.DEFAULT);
  }

  public static SecuritySpec security() {
    return new SecuritySpec(
        false,
        false,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }
}
