package dev.longshore;

import dev.longshore.checkpoint.LogRecords;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.config.Options;
import dev.longshore.container.ContainerQueries;
import dev.longshore.container.CreateContainer;
import dev.longshore.container.ExecSync;
import dev.longshore.container.ImageVolumes;
import dev.longshore.container.KernelSide;
import dev.longshore.container.MountedImages;
import dev.longshore.container.RemoveContainer;
import dev.longshore.container.StartContainer;
import dev.longshore.container.StopContainer;
import dev.longshore.container.UpdateContainerResources;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.LogSpool;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.image.ImageFilesystems;
import dev.longshore.image.ImageQueries;
import dev.longshore.image.LayerUses;
import dev.longshore.image.PullImage;
import dev.longshore.image.RemoveImage;
import dev.longshore.image.SandboxImage;
import dev.longshore.kernel.BlockDevices;
import dev.longshore.kernel.CgroupDetailReader;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.OverlayMounts;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.logs.LogFollower;
import dev.longshore.logs.ReopenContainerLog;
import dev.longshore.metrics.Source;
import dev.longshore.network.NamespaceAddresses;
import dev.longshore.network.PodNetworks;
import dev.longshore.node.ContainerEvents;
import dev.longshore.node.NodeQueries;
import dev.longshore.node.NodeStatus;
import dev.longshore.node.UpdateRuntimeConfig;
import dev.longshore.rpc.CallFigures;
import dev.longshore.rpc.ImageEndpoint;
import dev.longshore.rpc.RuntimeCalls;
import dev.longshore.rpc.RuntimeService;
import dev.longshore.sandbox.Adoption;
import dev.longshore.sandbox.RemovePodSandbox;
import dev.longshore.sandbox.RunPodSandbox;
import dev.longshore.sandbox.SandboxMaker;
import dev.longshore.sandbox.SandboxNetworks;
import dev.longshore.sandbox.SandboxQueries;
import dev.longshore.sandbox.SandboxTeardown;
import dev.longshore.sandbox.SandboxWork;
import dev.longshore.sandbox.StaleSandboxes;
import dev.longshore.sandbox.StopPodSandbox;
import dev.longshore.sandbox.UpdatePodSandboxResources;
import dev.longshore.stats.CgroupSampler;
import dev.longshore.stats.ContainerStatsQueries;
import dev.longshore.stats.DetailSampler;
import dev.longshore.stats.PodMetricsQueries;
import dev.longshore.stats.PodStatsQueries;
import dev.longshore.stats.WritableLayers;
import dev.longshore.streaming.AttachRequests;
import dev.longshore.streaming.ExecRequests;
import dev.longshore.streaming.PortForwardRequests;
import dev.longshore.streaming.StreamUrls;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import dev.longshore.view.ViewFigures;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything between the socket and Docker, wired: the one place that shows the whole program. Both
 * ends come from outside, so that a test may put fakes there.
 */
final class Longshore implements AutoCloseable {
  private static final Path PROC = Path.of("/proc");

  private final Options options;
  private final Reload reload;
  private final DockerEngine engine;
  private final PodNetworks networks;
  private final SandboxRecords records;
  private final ImageCatalog images;
  private final OomScoreAdjustment oom;
  private final SandboxWork work = new SandboxWork();
  private final SandboxNetworks sandboxNetworks;
  private final StaleSandboxes stale;
  private final SandboxImage sandboxImage;
  private final PullImage pull;
  private final LogFollower logs;
  private final ImageVolumes volumes;
  private final LayerUses layerUses;
  private final View view;
  private final CgroupReader cgroups = new CgroupReader(PROC);
  private final CgroupSampler sampler = new CgroupSampler(cgroups);
  private final Processes processes = new Processes(PROC);
  private final KernelSide kernelSide = new KernelSide(cgroups, processes);
  private final WritableLayers layers = new WritableLayers(processes, this::dockerRoot);
  private final ContainerQueries containerQueries;
  private final SandboxQueries sandboxQueries;
  private final PodMetricsQueries podMetrics;
  private final ContainerEvents events;
  private final StreamUrls urls;
  private volatile Optional<String> metrics = Optional.empty();
  private final CallFigures calls = new CallFigures();

  /** Reads the records on disk; asks Docker nothing before {@link #start}. */
  Longshore(
      Options options,
      Reload reload,
      DockerEngine engine,
      PodNetworks networks,
      OomScoreAdjustment oom,
      StreamUrls urls) {
    this.options = options;
    this.reload = reload;
    this.engine = engine;
    this.networks = networks;
    this.oom = oom;
    this.urls = urls;
    records = SandboxRecords.open(options.root().resolve("sandbox"));
    images = new ImageCatalog(engine);
    sandboxNetworks = new SandboxNetworks(networks, records);
    stale = new StaleSandboxes(engine, records, work, sandboxNetworks);
    Adoption adoption = new Adoption(networks, new NamespaceAddresses(PROC), records, stale);
    logs =
        new LogFollower(
            LogRecords.open(options.root().resolve("logs")),
            engine,
            this::dockerRoot,
            InstantSource.system(),
            logsAreLinks());
    layerUses =
        new LayerUses(() -> view().health().engine(), processes::ownMounts, InstantSource.system());
    MountedImages mounted =
        new MountedImages(
            options.root().resolve("image-volumes"),
            new OverlayMounts(processes),
            () -> view().snapshot());
    volumes = new ImageVolumes(images, engine, mounted, processes);
    view =
        new View(
            engine,
            snapshot -> {
              adoption.accept(snapshot);
              logs.forgetAllBut(view().listed());
              volumes.forgetAllBut(snapshot);
            },
            event -> {
              images.onEvent(event);
              layerUses.onEvent(event);
            });
    pull =
        new PullImage(
            engine, images, () -> view.health().engine(), options.docker().pullProgress());
    sandboxImage = new SandboxImage(options.pauseImage(), images, pull, options.credentialFiles());
    containerQueries = new ContainerQueries(view, kernelSide);
    sandboxQueries =
        new SandboxQueries(view, records, work, containerQueries::statuses, InstantSource.system());
    podMetrics =
        new PodMetricsQueries(
            view::snapshot,
            sandboxQueries::complete,
            new PodMetricsQueries.Samplers(
                sampler,
                new DetailSampler(cgroups, new CgroupDetailReader(processes)),
                layers,
                new BlockDevices(PROC)));
    events =
        new ContainerEvents(new PodWords(sandboxQueries, containerQueries), InstantSource.system());
    view.addListener(events);
    view.addListener(kernelSide::changed);
    view.addListener(logs);
    view.addListener(volumes::changed);
    view.addListener(layers);
    view.addListener(sampler);
    view.beforeExit(logs::ended);
    work.onMade(events::completed);
  }

  /** Starts following Docker; returns at once. */
  void start() {
    view.start();
  }

  ContainerEvents events() {
    return events;
  }

  View view() {
    return view;
  }

  /** Metrics are served there from now on. */
  void metricsAt(String url) {
    metrics = Optional.of(url);
  }

  /** The figures that {@code /metrics} shows. */
  List<Source> sources() {
    return List.of(
        calls,
        new ViewFigures(view),
        work.figures(),
        pull.figures(),
        logs.figures(),
        events.figures());
  }

  /**
   * What {@code /metrics/cadvisor} shows, read now.
   *
   * @throws dev.longshore.common.CriException UNAVAILABLE while Docker is away
   */
  Source podSeries() {
    return podMetrics.series();
  }

  RuntimeService runtime() {
    return new RuntimeService(
        options.docker().requestTimeout(),
        calls,
        new RuntimeCalls(sandboxes(), containers(), streams(), node()));
  }

  ImageEndpoint images() {
    return new ImageEndpoint(
        options.docker().requestTimeout(),
        calls,
        pull,
        new RemoveImage(engine, view, images),
        new ImageQueries(engine, view, images, sandboxImage),
        new ImageFilesystems(view, images, layerUses));
  }

  private RuntimeCalls.Sandboxes sandboxes() {
    SandboxTeardown teardown = new SandboxTeardown(engine, view, sandboxNetworks, records);
    SandboxMaker maker =
        new SandboxMaker(engine, view, networks, records, sandboxImage::ensure, oom);
    return new RuntimeCalls.Sandboxes(
        new RunPodSandbox(view, records, work, stale, teardown, maker),
        new StopPodSandbox(view, records, work, teardown),
        new RemovePodSandbox(view, records, work, teardown),
        new UpdatePodSandboxResources(view),
        sandboxQueries,
        new PodStatsQueries(view::snapshot, sandboxQueries::complete, sampler, layers),
        podMetrics);
  }

  private RuntimeCalls.Containers containers() {
    return new RuntimeCalls.Containers(
        new CreateContainer(view, engine, images, records, oom, spool(), volumes),
        new StartContainer(view, engine, oom, kernelSide, volumes),
        new StopContainer(view, engine),
        new RemoveContainer(view, engine),
        new UpdateContainerResources(view, engine, kernelSide),
        new ExecSync(view, engine, processes, new Signals()),
        new ReopenContainerLog(view, logs),
        containerQueries,
        new ContainerStatsQueries(view::snapshot, sampler, layers));
  }

  private RuntimeCalls.Streams streams() {
    return new RuntimeCalls.Streams(
        new ExecRequests(view, urls),
        new AttachRequests(view, urls),
        new PortForwardRequests(view, urls));
  }

  private RuntimeCalls.Node node() {
    return new RuntimeCalls.Node(
        new NodeQueries(view::health),
        new NodeStatus(
            view::health,
            networks::status,
            this::warnings,
            this::pulls,
            reload::inForce,
            () -> metrics),
        new UpdateRuntimeConfig(networks),
        events);
  }

  private LogSpool spool() {
    Options.Logs wanted = options.logs();
    String driver = logsAreLinks() ? "json-file" : wanted.spoolDriver();
    return new LogSpool(driver, wanted.spoolSize(), wanted.spoolFiles(), logsAreLinks());
  }

  private boolean logsAreLinks() {
    return options.logs().format() == Options.ContainerLogFormat.DOCKER;
  }

  private Optional<Path> dockerRoot() {
    return view.health().engine().map(info -> Path.of(info.rootDir()));
  }

  private List<NodeStatus.Pull> pulls() {
    return pull.underWay().stream()
        .map(
            p ->
                new NodeStatus.Pull(
                    p.image(),
                    p.since().toSeconds(),
                    p.words(),
                    p.downloadedBytes(),
                    p.totalBytes()))
        .toList();
  }

  private List<String> warnings() {
    return Stream.of(oom.warning().stream(), logs.warnings().stream(), reload.pending().stream())
        .flatMap(warnings -> warnings)
        .toList();
  }

  @Override
  public void close() {
    view.close();
    layerUses.close();
    logs.close();
    layers.close();
  }

  /** Events describe pods in the words of the reads. */
  private record PodWords(SandboxQueries sandboxes, ContainerQueries containers)
      implements ContainerEvents.Pods {
    @Override
    public boolean complete(SandboxView sandbox) {
      return sandboxes.complete(sandbox);
    }

    @Override
    public PodSandboxStatus status(SandboxView sandbox) {
      return sandboxes.status(sandbox);
    }

    @Override
    public List<ContainerStatus> containers(Snapshot snapshot, ContainerId sandbox) {
      return containers.statuses(snapshot, sandbox);
    }
  }
}
