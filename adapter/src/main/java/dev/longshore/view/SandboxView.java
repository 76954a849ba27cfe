package dev.longshore.view;

import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;

/** A pod sandbox as last inspected, with its names and labels decoded. */
public record SandboxView(EngineContainer engine, KubeName name, KubeLabels.Metadata metadata)
    implements Entry {
  @Override
  public SandboxView in(EngineState state) {
    return new SandboxView(engine.in(state), name, metadata);
  }
}
