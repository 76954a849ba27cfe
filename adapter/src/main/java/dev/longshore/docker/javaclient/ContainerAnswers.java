package dev.longshore.docker.javaclient;

import static dev.longshore.docker.javaclient.Fields.integer;
import static dev.longshore.docker.javaclient.Fields.limit;
import static dev.longshore.docker.javaclient.Fields.nonEmpty;
import static dev.longshore.docker.javaclient.Fields.text;
import static dev.longshore.docker.javaclient.Fields.texts;
import static dev.longshore.docker.javaclient.Fields.time;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ExecState;
import dev.longshore.docker.ListedContainer;
import dev.longshore.docker.ResourceSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Docker's answers about containers, as our records. Total: a missing field is an empty one. */
final class ContainerAnswers {
  private ContainerAnswers() {}

  /** An item of {@code GET /containers/json}. */
  static ListedContainer listed(JsonNode item) {
    String name = "";
    for (JsonNode entry : item.path("Names")) {
      String bare = entry.asText().substring(entry.asText().startsWith("/") ? 1 : 0);
      if (!bare.contains("/")) { // Links of other containers to it are names too.
        name = bare;
      }
    }
    return new ListedContainer(new ContainerId(text(item, "Id")), name, text(item, "State"));
  }

  /** {@code GET /containers/{id}/json}. */
  static EngineContainer container(JsonNode answer) {
    JsonNode config = answer.path("Config");
    String name = text(answer, "Name");
    Instant created = time(answer, "Created").orElse(Instant.EPOCH);
    return new EngineContainer(
        new ContainerId(text(answer, "Id")),
        name.startsWith("/") ? name.substring(1) : name,
        created,
        state(answer.path("State"), created),
        text(answer, "Image"),
        text(config, "Image"),
        texts(config.path("Labels")),
        host(answer.path("HostConfig"), config),
        mounts(answer.path("Mounts"), answer.path("HostConfig").path("Mounts")),
        text(answer, "LogPath"));
  }

  /**
   * By the fields alone. A failed start leaves an exit code or an error, but no time of its end;
   * such a container counts as ended when it was made, as dockershim had it.
   */
  static EngineState state(JsonNode state, Instant created) {
    Optional<Instant> started = time(state, "StartedAt");
    Optional<Instant> finished = time(state, "FinishedAt");
    int exitCode = (int) integer(state, "ExitCode");
    if (state.path("Running").asBoolean()) {
      return new EngineState.Running(
          (int) integer(state, "Pid"), started.orElse(created), state.path("Paused").asBoolean());
    }
    String error = text(state, "Error");
    boolean dead = state.path("Dead").asBoolean() || text(state, "Status").equals("removing");
    if (finished.isEmpty() && exitCode == 0 && error.isEmpty() && !dead) {
      return new EngineState.Created();
    }
    return new EngineState.Exited(
        finished.isPresent() ? started : Optional.empty(),
        finished.orElse(created),
        exitCode,
        state.path("OOMKilled").asBoolean(),
        error);
  }

  /** {@code GET /exec/{id}/json}. */
  static ExecState exec(JsonNode answer) {
    int pid = (int) integer(answer, "Pid");
    JsonNode code = answer.path("ExitCode");
    boolean running = answer.path("Running").asBoolean();
    return new ExecState(
        running,
        pid > 0 ? OptionalInt.of(pid) : OptionalInt.empty(),
        code.isNumber() && !running ? OptionalInt.of(code.asInt()) : OptionalInt.empty());
  }

  private static HostSettings host(JsonNode host, JsonNode config) {
    return new HostSettings(
        text(host, "NetworkMode"),
        text(host, "PidMode"),
        text(host, "IpcMode"),
        text(host, "Runtime"),
        text(host, "CgroupParent"),
        host.path("Privileged").asBoolean(),
        config.path("Tty").asBoolean(),
        text(config, "User"),
        text(config, "StopSignal"),
        resources(host));
  }

  /** Docker writes 0 for what was not given. */
  private static ResourceSpec resources(JsonNode host) {
    return new ResourceSpec(
        limit(host, "CpuPeriod"),
        limit(host, "CpuQuota"),
        limit(host, "CpuShares"),
        limit(host, "Memory"),
        limit(host, "MemorySwap"),
        nonEmpty(host, "CpusetCpus"),
        nonEmpty(host, "CpusetMems"),
        limit(host, "OomScoreAdj"),
        limit(host, "PidsLimit"));
  }

  private static List<MountPoint> mounts(JsonNode mounts, JsonNode asked) {
    Set<String> recursive = recursivelyReadonly(asked);
    List<MountPoint> all = new ArrayList<>();
    for (JsonNode mount : mounts) {
      all.add(
          new MountPoint(
              text(mount, "Type"),
              text(mount, "Source"),
              text(mount, "Destination"),
              mount.path("RW").asBoolean(),
              text(mount, "Propagation"),
              recursive.contains(text(mount, "Destination"))));
    }
    return all;
  }

  /** Targets; only the request tells, not the mount that was made. */
  private static Set<String> recursivelyReadonly(JsonNode asked) {
    Set<String> targets = new HashSet<>();
    for (JsonNode mount : asked) {
      if (mount.path("BindOptions").path("ReadOnlyForceRecursive").asBoolean()) {
        targets.add(text(mount, "Target"));
      }
    }
    return targets;
  }
}
