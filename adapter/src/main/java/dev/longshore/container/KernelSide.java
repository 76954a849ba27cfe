package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.LinuxContainerUser;
import dev.longshore.docker.EngineState;
import dev.longshore.kernel.CgroupFiles;
import dev.longshore.kernel.CgroupPaths;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.Credentials;
import dev.longshore.kernel.MemoryUsage;
import dev.longshore.kernel.Processes;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What only the kernel knows of running containers: limits Docker has no field for, memory in use,
 * as whom the first process began. A read costs a file of /proc the first time and nothing after.
 * Limits changed since a container was made are remembered until this process ends. Thread-safe.
 */
public final class KernelSide {
  private final CgroupReader cgroups;
  private final Processes processes;
  private final Map<ContainerId, Map<String, String>> changed = new ConcurrentHashMap<>();
  private final Map<ContainerId, Credentials> users = new ConcurrentHashMap<>();

  public KernelSide(CgroupReader cgroups, Processes processes) {
    this.cgroups = cgroups;
    this.processes = processes;
  }

  /**
   * To be called as soon as a container has started: sets its limits and remembers its user.
   *
   * @throws CriException UNSUPPORTED for a limit this kernel does not have, INVALID for a value it
   *     refuses, naming the file
   */
  void started(ContainerView container) {
    users(container);
    write(container, container.metadata().kernelLimits());
  }

  /** Sets limits of a running container, as {@link #started}. */
  void change(ContainerView container, Map<String, String> limits) {
    write(container, limits);
    changed.merge(container.engine().id(), Map.copyOf(limits), KernelSide::merged);
  }

  /** The limits in force. */
  Map<String, String> limits(ContainerView container) {
    Map<String, String> later = changed.get(container.engine().id());
    return later == null
        ? container.metadata().kernelLimits()
        : merged(container.metadata().kernelLimits(), later);
  }

  /** Empty for a container that does not run, or that nobody looked at while it ran. */
  Optional<LinuxContainerUser> user(ContainerView container) {
    return users(container)
        .map(
            user ->
                LinuxContainerUser.newBuilder()
                    .setUid(user.uid())
                    .setGid(user.gid())
                    .addAllSupplementalGroups(user.groups())
                    .build());
  }

  /** Empty for a container that does not run. */
  Optional<MemoryUsage> memory(ContainerView container) {
    return cgroup(container).flatMap(cgroups::usage).flatMap(CgroupUsage::memory);
  }

  /** Forgets a container that is no longer there. */
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    if (after.container(id.value()).isEmpty()) {
      changed.remove(id);
      users.remove(id);
    }
  }

  private Optional<Credentials> users(ContainerView container) {
    ContainerId id = container.engine().id();
    Credentials known = users.get(id);
    if (known != null || !(container.engine().state() instanceof EngineState.Running running)) {
      return Optional.ofNullable(known);
    }
    Optional<Credentials> seen =
        processes.isInCgroup(running.pid(), id.value())
            ? processes.credentials(running.pid())
            : Optional.empty();
    seen.ifPresent(user -> users.putIfAbsent(id, user));
    return seen;
  }

  private Optional<CgroupPaths> cgroup(ContainerView container) {
    return container.engine().state() instanceof EngineState.Running running
        ? cgroups.find(running.pid(), container.engine().id().value())
        : Optional.empty();
  }

  private void write(ContainerView container, Map<String, String> limits) {
    if (limits.isEmpty()) {
      return;
    }
    Optional<CgroupPaths> cgroup = cgroup(container);
    // A process that has ended already needs no limits.
    cgroup.ifPresent(paths -> limits.forEach((file, value) -> write(paths, file, value)));
  }

  private static void write(CgroupPaths paths, String file, String value) {
    try {
      CgroupFiles.write(paths, file, value);
    } catch (NoSuchFileException e) {
      if (KernelLimits.isHarmless(file, value) || isGone(paths)) {
        return;
      }
      throw new CriException(
          Kind.UNSUPPORTED,
          "limit %s=%s cannot be set: this node's kernel has no such cgroup file (%s)"
              .formatted(file, value, e.getMessage()),
          e);
    } catch (IOException e) {
      if (isGone(paths)) {
        return;
      }
      throw new CriException(
          Kind.INVALID,
          "limit %s=%s is refused by the kernel: %s".formatted(file, value, e.getMessage()),
          e);
    }
  }

  private static boolean isGone(CgroupPaths paths) {
    return paths.folders().noneMatch(Files::isDirectory);
  }

  private static Map<String, String> merged(Map<String, String> old, Map<String, String> later) {
    Map<String, String> all = new HashMap<>(old);
    all.putAll(later);
    return Map.copyOf(all);
  }
}
