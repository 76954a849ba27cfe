package dev.longshore.stats;

import dev.longshore.cri.v1.ContainerAttributes;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.FilesystemIdentifier;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.view.ContainerView;
import java.util.Optional;

/** Samples to CRI messages; what the kernel does not say stays unset, never zero. */
final class ContainerStatsMessages {
  private ContainerStatsMessages() {}

  static ContainerStats of(ContainerView container, Sample sample, Optional<LayerUse> layer) {
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setAttributes(attributes(container))
            .setCpu(UsageMessages.cpu(sample));
    UsageMessages.memory(sample).ifPresent(stats::setMemory);
    UsageMessages.swap(sample).ifPresent(stats::setSwap);
    UsageMessages.io(sample).ifPresent(stats::setIo);
    layer.map(ContainerStatsMessages::layer).ifPresent(stats::setWritableLayer);
    return stats.build();
  }

  private static FilesystemUsage layer(LayerUse use) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(UsageMessages.nanos(use.time()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(use.root().toString()))
        .setUsedBytes(UsageMessages.value(use.usedBytes()))
        .setInodesUsed(UsageMessages.value(use.inodes()))
        .build();
  }

  private static ContainerAttributes attributes(ContainerView container) {
    return ContainerAttributes.newBuilder()
        .setId(container.engine().id().value())
        .setMetadata(
            ContainerMetadata.newBuilder()
                .setName(container.name().container())
                .setAttempt((int) container.name().attempt()))
        .putAllLabels(container.metadata().labels())
        .putAllAnnotations(container.metadata().annotations())
        .build();
  }
}
