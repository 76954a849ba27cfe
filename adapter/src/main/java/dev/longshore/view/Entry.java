package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;

/** A pod's sandbox or one of its containers, as last inspected; its end perhaps as told. */
public sealed interface Entry permits SandboxView, ContainerView {
  /**
   * Docker's answer, without the label {@link KubeLabels#LONGSHORE}: metadata holds its content.
   */
  EngineContainer engine();

  KubeName name();

  KubeLabels.Metadata metadata();

  /** The same in another state. */
  Entry in(EngineState state);

  default ContainerId id() {
    return engine().id();
  }
}
