package dev.longshore.stats;

import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.LinuxPodSandboxStats;
import dev.longshore.cri.v1.NetworkInterfaceUsage;
import dev.longshore.cri.v1.NetworkUsage;
import dev.longshore.cri.v1.PodSandboxAttributes;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxStats;
import dev.longshore.cri.v1.ProcessUsage;
import dev.longshore.kernel.InterfaceUse;
import dev.longshore.view.SandboxView;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Samples of pods to CRI messages; what the kernel does not say stays unset, never zero. */
final class PodStatsMessages {
  private static final String USUAL_INTERFACE = "eth0";

  private PodStatsMessages() {}

  static PodSandboxStats of(SandboxView sandbox, Sample pod, List<ContainerStats> containers) {
    LinuxPodSandboxStats.Builder linux =
        LinuxPodSandboxStats.newBuilder()
            .setCpu(UsageMessages.cpu(pod))
            .addAllContainers(containers);
    UsageMessages.memory(pod).ifPresent(linux::setMemory);
    UsageMessages.io(pod).ifPresent(linux::setIo);
    network(pod).ifPresent(linux::setNetwork);
    pod.usage()
        .tasks()
        .ifPresent(
            tasks ->
                linux.setProcess(
                    ProcessUsage.newBuilder()
                        .setTimestamp(UsageMessages.nanos(pod.time()))
                        .setProcessCount(UsageMessages.value(tasks))));
    return PodSandboxStats.newBuilder().setAttributes(attributes(sandbox)).setLinux(linux).build();
  }

  private static PodSandboxAttributes attributes(SandboxView sandbox) {
    return PodSandboxAttributes.newBuilder()
        .setId(sandbox.id().value())
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(sandbox.name().pod())
                .setNamespace(sandbox.name().namespace())
                .setUid(sandbox.name().uid())
                .setAttempt((int) sandbox.name().attempt()))
        .putAllLabels(sandbox.metadata().labels())
        .putAllAnnotations(sandbox.metadata().annotations())
        .build();
  }

  /** Empty without an interface to the outside: the kubelet counts on the default one. */
  private static Optional<NetworkUsage> network(Sample pod) {
    List<InterfaceUse> outside =
        pod.outsideInterfaces().stream()
            .sorted(Comparator.comparing(use -> !use.name().equals(USUAL_INTERFACE)))
            .toList();
    if (outside.isEmpty()) {
      return Optional.empty();
    }
    NetworkUsage.Builder network =
        NetworkUsage.newBuilder()
            .setTimestamp(UsageMessages.nanos(pod.time()))
            .setDefaultInterface(traffic(outside.getFirst()));
    outside.stream().skip(1).map(PodStatsMessages::traffic).forEach(network::addInterfaces);
    return Optional.of(network.build());
  }

  private static NetworkInterfaceUsage traffic(InterfaceUse use) {
    return NetworkInterfaceUsage.newBuilder()
        .setName(use.name())
        .setRxBytes(UsageMessages.value(use.received().bytes()))
        .setRxErrors(UsageMessages.value(use.received().errors()))
        .setTxBytes(UsageMessages.value(use.sent().bytes()))
        .setTxErrors(UsageMessages.value(use.sent().errors()))
        .build();
  }
}
