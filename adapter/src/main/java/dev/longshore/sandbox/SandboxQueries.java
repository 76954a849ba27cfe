package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Encoded;
import dev.longshore.common.KeptParts;
import dev.longshore.common.Latest;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.ListPodSandboxResponse;
import dev.longshore.cri.v1.PodSandboxFilter;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PodSandboxStatusResponse;
import dev.longshore.docker.EngineInfo;
import dev.longshore.view.Entry;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The reads of sandboxes: from memory, without a Docker request. Sandboxes that RunPodSandbox is
 * still at work on are left out: a kubelet that comes back meanwhile asks for the same attempt, and
 * joins the work. Thread-safe.
 */
public final class SandboxQueries {
  private static final PodSandboxFilter NONE = PodSandboxFilter.getDefaultInstance();

  private final View view;
  private final SandboxRecords records;
  private final SandboxWork work;
  private final ContainerStatuses containers;
  private final InstantSource clock;
  private final SandboxMessages messages;
  private final KeptParts<ContainerId, SandboxMessages.Seen> items = new KeptParts<>();
  private final Latest<Sources, Encoded> whole = new Latest<>();

  /** {@code clock} is the wall clock. */
  public SandboxQueries(
      View view,
      SandboxRecords records,
      SandboxWork work,
      ContainerStatuses containers,
      InstantSource clock) {
    this.view = view;
    this.records = records;
    this.work = work;
    this.containers = containers;
    this.clock = clock;
    this.messages = new SandboxMessages(records, this::defaultRuntime);
  }

  /** The statuses of the containers of a sandbox; must not wait. */
  @FunctionalInterface
  public interface ContainerStatuses {
    List<ContainerStatus> of(Snapshot snapshot, ContainerId sandbox);
  }

  /**
   * Sandboxes that meet every part of the filter, newest first; an id may be the start of one: a
   * ListPodSandboxResponse, and as well a StreamPodSandboxesResponse.
   */
  public Encoded list(ListPodSandboxRequest request) {
    PodSandboxFilter filter = request.getFilter();
    // Read before what they count: a list made of something newer is only made once more.
    long recordChanges = records.changes();
    long workChanges = work.changes();
    Snapshot snapshot = view.snapshot();
    return filter.equals(NONE)
        ? whole.get(
            new Sources(snapshot, recordChanges, workChanges, defaultRuntime()),
            sources -> all(sources.snapshot))
        : list(snapshot, filter);
  }

  private Encoded all(Snapshot snapshot) {
    items.tidy(
        snapshot.sandboxes().size(),
        () -> snapshot.sandboxes().stream().map(Entry::id).collect(Collectors.toSet()));
    return list(snapshot, NONE);
  }

  private Encoded list(Snapshot snapshot, PodSandboxFilter filter) {
    return new Encoded(
        snapshot.sandboxes().stream()
            .filter(this::complete)
            .map(messages::seen)
            .filter(sandbox -> passes(sandbox, filter))
            .map(sandbox -> items.get(sandbox.view().id(), sandbox, SandboxQueries::item))
            .toList());
  }

  private static byte[] item(SandboxMessages.Seen sandbox) {
    return ListPodSandboxResponse.newBuilder()
        .addItems(SandboxMessages.item(sandbox))
        .build()
        .toByteArray();
  }

  private static boolean passes(SandboxMessages.Seen sandbox, PodSandboxFilter filter) {
    return sandbox.view().id().value().startsWith(filter.getId())
        && (!filter.hasState() || filter.getState().getState() == sandbox.state())
        && sandbox
            .view()
            .metadata()
            .labels()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }

  /** NOT_FOUND for an unknown sandbox. */
  public PodSandboxStatusResponse status(PodSandboxStatusRequest request) {
    String id = SandboxNames.required(request.getPodSandboxId());
    Snapshot snapshot = view.snapshot();
    SandboxView sandbox =
        snapshot
            .sandbox(id)
            .filter(this::complete)
            .orElseThrow(() -> new CriException(Kind.NOT_FOUND, "no pod sandbox " + id));
    var answer =
        PodSandboxStatusResponse.newBuilder()
            .setStatus(messages.status(sandbox))
            .addAllContainersStatuses(containers.of(snapshot, sandbox.id()))
            .setTimestamp(SandboxMessages.nanos(clock.instant()));
    if (request.getVerbose()) {
      answer.putInfo("info", messages.info(sandbox));
    }
    return answer.build();
  }

  /** What PodSandboxStatus says of a sandbox that was seen so. */
  public PodSandboxStatus status(SandboxView sandbox) {
    return messages.status(sandbox);
  }

  /** Whether RunPodSandbox has finished with it; until then it is in no list. */
  public boolean complete(SandboxView sandbox) {
    return !work.isBeingMade(sandbox.engine().name());
  }

  private String defaultRuntime() {
    return view.health().engine().map(EngineInfo::defaultRuntime).orElse("");
  }

  /** All that a list is made of; two are the same when their lists are. */
  private record Sources(
      Snapshot snapshot, long recordChanges, long workChanges, String defaultRuntime) {}
}
