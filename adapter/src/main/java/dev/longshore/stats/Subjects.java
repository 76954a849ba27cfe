package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.BlockDevices;
import dev.longshore.kernel.BlockUse;
import dev.longshore.kernel.CgroupDetails;
import dev.longshore.kernel.FilesystemUse;
import dev.longshore.stats.Subject.Disk;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Entry;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What metrics tell of, gathered from the samplers for the length of one answer. */
final class Subjects {
  private final BlockDevices devices;
  private final WritableLayers layers;
  private final Map<ContainerId, Sample> samples;
  private final Map<ContainerId, CgroupDetails> details;
  private final Map<Path, Optional<FilesystemUse>> disks = new HashMap<>();

  Subjects(
      BlockDevices devices,
      WritableLayers layers,
      Map<ContainerId, Sample> samples,
      Map<ContainerId, CgroupDetails> details) {
    this.devices = devices;
    this.layers = layers;
    this.samples = samples;
    this.details = details;
  }

  /** A pod and its containers, as far as there are samples of them. */
  record Pod(Subject pod, List<Subject> containers) {
    Stream<Subject> all() {
      return Stream.concat(Stream.of(pod), containers.stream());
    }
  }

  /** Empty when the pod does not run. */
  Optional<Pod> of(SandboxView sandbox, Snapshot snapshot) {
    Optional<Subject> pod = Run.of(sandbox).flatMap(run -> pod(sandbox, run));
    List<Subject> containers = new ArrayList<>();
    for (ContainerView container : snapshot.containersOf(sandbox.id())) {
      Run.of(container).flatMap(run -> container(container, run)).ifPresent(containers::add);
    }
    return pod.map(subject -> new Pod(subject, containers));
  }

  private Optional<Subject> pod(SandboxView sandbox, Run run) {
    return Optional.ofNullable(samples.get(run.id()))
        .map(
            sample ->
                new Subject(
                    run.id().value(),
                    labels(sandbox, sample, "", ""),
                    sample.time(),
                    run.startedAt(),
                    run.pod() ? Optional.of(sample.usage()) : Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    sample.outsideInterfaces(),
                    Optional.empty(),
                    Map.of()));
  }

  private Optional<Subject> container(ContainerView container, Run run) {
    Optional<CgroupDetails> detail = Optional.ofNullable(details.get(run.id()));
    Optional<Disk> disk = layers.of(container).flatMap(this::disk);
    ResourceSpec limits = container.engine().host().resources();
    return Optional.ofNullable(samples.get(run.id()))
        .map(
            sample ->
                new Subject(
                    run.id().value(),
                    labels(
                        container, sample, container.engine().name(), container.name().container()),
                    sample.time(),
                    run.startedAt(),
                    Optional.of(sample.usage()),
                    detail,
                    Optional.of(limits),
                    List.of(),
                    disk,
                    files(detail, disk)));
  }

  /** Values of {@link Metric#LABELS}. */
  private static List<String> labels(Entry entry, Sample sample, String name, String container) {
    EngineContainer engine = entry.engine();
    String asked = entry.metadata().imageName();
    return List.of(
        sample.cgroup(),
        name,
        container.isEmpty() ? "" : asked.isEmpty() ? engine.imageName() : asked,
        entry.name().namespace(),
        entry.name().pod(),
        container);
  }

  private Optional<Disk> disk(LayerUse layer) {
    return disks.computeIfAbsent(layer.root(), Subjects::use).map(use -> new Disk(layer, use));
  }

  private static Optional<FilesystemUse> use(Path root) {
    try {
      return Optional.of(FilesystemUse.of(root));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Map<String, String> files(Optional<CgroupDetails> detail, Optional<Disk> disk) {
    Map<String, String> files = new HashMap<>();
    Stream.concat(
            detail.stream().flatMap(d -> d.devices().stream()).map(BlockUse::device),
            disk.stream().map(d -> d.layer().device()))
        .forEach(numbers -> devices.file(numbers).ifPresent(file -> files.put(numbers, file)));
    return files;
  }
}
