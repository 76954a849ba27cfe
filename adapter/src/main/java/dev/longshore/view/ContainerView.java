package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;

/**
 * A workload container as last inspected, with its names and labels decoded.
 *
 * @param logPath the CRI log file; empty for none
 */
public record ContainerView(
    EngineContainer engine,
    KubeName name,
    ContainerId sandboxId,
    KubeLabels.Metadata metadata,
    String logPath)
    implements Entry {
  @Override
  public ContainerView in(EngineState state) {
    return new ContainerView(engine.in(state), name, sandboxId, metadata, logPath);
  }
}
