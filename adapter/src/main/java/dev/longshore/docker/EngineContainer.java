package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A container as Docker describes it ({@code GET /containers/{id}/json}). Texts that Docker leaves
 * out are empty.
 *
 * @param name without the leading slash
 * @param imageId the image's id in full, {@code sha256:…}
 * @param imageName the image as the create request named it
 * @param labels all labels, those of the image included
 * @param logPath Docker's own log file; empty for drivers that keep none
 */
public record EngineContainer(
    ContainerId id,
    String name,
    Instant created,
    EngineState state,
    String imageId,
    String imageName,
    Map<String, String> labels,
    HostSettings host,
    List<MountPoint> mounts,
    String logPath) {
  public EngineContainer {
    labels = Map.copyOf(labels);
    mounts = List.copyOf(mounts);
  }

  /** The same in another state. */
  public EngineContainer in(EngineState other) {
    return new EngineContainer(
        id, name, created, other, imageId, imageName, labels, host, mounts, logPath);
  }

  /** How messages name it. */
  public String title() {
    return "%s (%s)".formatted(name, id.shortForm());
  }

  /**
   * What the create request asked of the host, read back.
   *
   * @param networkMode {@code none}, {@code host}, {@code default}, {@code bridge} or {@code
   *     container:<id>}; the other modes alike
   * @param user {@code uid[:gid]} or names, as the create request gave it
   */
  public record HostSettings(
      String networkMode,
      String pidMode,
      String ipcMode,
      String runtime,
      String cgroupParent,
      boolean privileged,
      boolean tty,
      String user,
      String stopSignal,
      ResourceSpec resources) {}

  /**
   * A mount Docker made.
   *
   * @param type {@code bind}, {@code volume}, {@code tmpfs} or {@code image}
   * @param propagation as mount(8) names it, or empty
   * @param recursiveReadonly whether mounts below it are read-only for sure, too
   */
  public record MountPoint(
      String type,
      String source,
      String target,
      boolean writable,
      String propagation,
      boolean recursiveReadonly) {
    /** Not known to be read-only to the bottom. */
    public MountPoint(
        String type, String source, String target, boolean writable, String propagation) {
      this(type, source, target, writable, propagation, false);
    }
  }
}
