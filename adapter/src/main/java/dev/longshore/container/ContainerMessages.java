package dev.longshore.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerResources;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerUser;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.view.ContainerView;
import java.time.Instant;

/**
 * Containers of the view as CRI messages. An image has one identity everywhere, Docker's image id;
 * {@code image.image} is what the user wrote.
 */
final class ContainerMessages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long NANOS = 1_000_000_000L;

  private ContainerMessages() {}

  static Container container(ContainerView view) {
    EngineContainer engine = view.engine();
    return Container.newBuilder()
        .setId(engine.id().value())
        .setPodSandboxId(view.sandboxId().value())
        .setMetadata(metadata(view))
        .setImage(image(view))
        .setImageRef(engine.imageId())
        .setImageId(engine.imageId())
        .setState(state(engine.state()))
        .setCreatedAt(nanos(engine.created()))
        .putAllLabels(view.metadata().labels())
        .putAllAnnotations(view.metadata().annotations())
        .build();
  }

  static ContainerStatus status(ContainerView view, KernelSide kernel) {
    EngineContainer engine = view.engine();
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder()
            .setId(engine.id().value())
            .setMetadata(metadata(view))
            .setState(state(engine.state()))
            .setCreatedAt(nanos(engine.created()))
            .setImage(image(view))
            .setImageRef(engine.imageId())
            .setImageId(engine.imageId())
            .putAllLabels(view.metadata().labels())
            .putAllAnnotations(view.metadata().annotations())
            .addAllMounts(MountSpecs.toCri(engine.mounts(), view.metadata().imageVolumes()))
            .setLogPath(view.logPath())
            .setResources(
                ContainerResources.newBuilder()
                    .setLinux(ResourceSpecs.toCri(engine.host().resources(), kernel.limits(view))))
            .setStopSignal(StopSignals.toCri(engine.host().stopSignal()));
    kernel.user(view).ifPresent(user -> status.setUser(ContainerUser.newBuilder().setLinux(user)));
    switch (engine.state()) {
      case EngineState.Created() -> {}
      case EngineState.Running running -> status.setStartedAt(nanos(running.startedAt()));
      case EngineState.Exited exited -> putEnd(status, engine, exited);
    }
    return status.build();
  }

  /** What {@code crictl inspect} shows beside the status, as JSON. */
  static String info(ContainerView view) {
    EngineContainer engine = view.engine();
    ObjectNode info =
        JSON.createObjectNode()
            .put("sandboxID", view.sandboxId().value())
            .put("dockerName", engine.name())
            .put("image", engine.imageName())
            .put("runtimeType", engine.host().runtime())
            .put("dockerLogPath", engine.logPath())
            .put("user", engine.host().user())
            .put("privileged", engine.host().privileged())
            .put("cgroupParent", engine.host().cgroupParent())
            .put("networkMode", engine.host().networkMode())
            .put("pidMode", engine.host().pidMode())
            .put("ipcMode", engine.host().ipcMode());
    if (engine.state() instanceof EngineState.Running running) {
      info.put("pid", running.pid()).put("paused", running.paused());
    }
    return info.toString();
  }

  static ContainerState state(EngineState state) {
    return switch (state) {
      case EngineState.Created() -> ContainerState.CONTAINER_CREATED;
      case EngineState.Running _ -> ContainerState.CONTAINER_RUNNING;
      case EngineState.Exited _ -> ContainerState.CONTAINER_EXITED;
    };
  }

  private static ContainerMetadata metadata(ContainerView view) {
    return ContainerMetadata.newBuilder()
        .setName(view.name().container())
        .setAttempt((int) view.name().attempt())
        .build();
  }

  private static ImageSpec image(ContainerView view) {
    String asWritten = view.metadata().imageName();
    return ImageSpec.newBuilder()
        .setImage(asWritten.isEmpty() ? view.engine().imageName() : asWritten)
        .build();
  }

  private static void putEnd(
      ContainerStatus.Builder status, EngineContainer engine, EngineState.Exited exited) {
    status
        .setStartedAt(exited.startedAt().map(ContainerMessages::nanos).orElse(0L))
        .setFinishedAt(finishedAt(engine, exited))
        .setExitCode(exited.exitCode())
        .setReason(reason(exited))
        .setMessage(StartFailures.readable(exited.error()));
  }

  /**
   * Never 0: the kubelet counts its back-off from here, also for what could not be started. Never
   * before the start: Docker takes the two times in two places, and a container that ends at once
   * may seem to have ended first.
   */
  private static long finishedAt(EngineContainer engine, EngineState.Exited exited) {
    long finished = nanos(exited.finishedAt());
    long started = exited.startedAt().map(ContainerMessages::nanos).orElse(0L);
    return finished == 0 ? nanos(engine.created()) : Math.max(finished, started);
  }

  private static String reason(EngineState.Exited exited) {
    if (exited.startedAt().isEmpty()) {
      return StartFailures.reason(exited);
    }
    if (exited.oomKilled()) {
      return "OOMKilled";
    }
    return exited.exitCode() == 0 ? "Completed" : "Error";
  }

  /** Docker writes "never" as the year 1, CRI as 0. */
  private static long nanos(Instant time) {
    long seconds = Math.max(0, time.getEpochSecond());
    return seconds == 0 ? 0 : seconds * NANOS + time.getNano();
  }
}
