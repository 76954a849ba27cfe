package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes entries small: texts that recur in a pod's containers, or on a node, are kept once, and the
 * label that is decoded anyway is dropped. Halves the memory per container.
 */
final class Compaction {
  /** Longer texts, such as annotations that hold a whole manifest, hardly recur. */
  private static final int LONGEST_SHARED = 256;

  private Compaction() {}

  static EngineContainer compact(EngineContainer full) {
    Map<String, String> labels = new HashMap<>(full.labels());
    labels.remove(KubeLabels.LONGSHORE);
    return new EngineContainer(
        new ContainerId(shared(full.id().value())),
        shared(full.name()),
        full.created(),
        full.state(),
        shared(full.imageId()),
        shared(full.imageName()),
        shared(labels),
        compact(full.host()),
        full.mounts().stream().map(Compaction::compact).toList(),
        full.logPath());
  }

  static KubeLabels.Metadata compact(KubeLabels.Metadata full) {
    return new KubeLabels.Metadata(
        shared(full.labels()),
        shared(full.annotations()),
        full.runtimeHandler(),
        shared(full.imageName()),
        full.requestHash(),
        shared(full.kernelLimits()),
        full.imageVolumes());
  }

  static KubeName compact(KubeName full) {
    return new KubeName(
        shared(full.container()),
        shared(full.pod()),
        shared(full.namespace()),
        shared(full.uid()),
        full.attempt());
  }

  private static HostSettings compact(HostSettings full) {
    return new HostSettings(
        shared(full.networkMode()),
        shared(full.pidMode()),
        shared(full.ipcMode()),
        shared(full.runtime()),
        shared(full.cgroupParent()),
        full.privileged(),
        full.tty(),
        shared(full.user()),
        shared(full.stopSignal()),
        full.resources());
  }

  private static MountPoint compact(MountPoint full) {
    return new MountPoint(
        shared(full.type()),
        shared(full.source()),
        shared(full.target()),
        full.writable(),
        shared(full.propagation()),
        full.recursiveReadonly());
  }

  private static Map<String, String> shared(Map<String, String> texts) {
    Map<String, String> shared = new HashMap<>();
    texts.forEach((key, value) -> shared.put(shared(key), shared(value)));
    return shared;
  }

  /** The JVM's own table: weak, so it holds nothing longer than the entries do. */
  private static String shared(String text) {
    return text.length() <= LONGEST_SHARED ? text.intern() : text;
  }
}
