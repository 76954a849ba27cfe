package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Encoded;
import dev.longshore.common.KeptParts;
import dev.longshore.common.Latest;
import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListContainersResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Entry;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The reads on containers. All are answered from the view: no Docker request, no wait. */
public final class ContainerQueries {
  private static final ContainerFilter NONE = ContainerFilter.getDefaultInstance();

  private final View view;
  private final KernelSide kernel;
  private final KeptParts<ContainerId, ContainerView> items = new KeptParts<>();
  private final Latest<Snapshot, Encoded> whole = new Latest<>();

  public ContainerQueries(View view, KernelSide kernel) {
    this.view = view;
    this.kernel = kernel;
  }

  /**
   * The containers that pass all parts of the filter, newest first: a ListContainersResponse, and
   * as well a StreamContainersResponse.
   */
  public Encoded list(ListContainersRequest request) {
    Snapshot snapshot = view.snapshot();
    ContainerFilter filter = request.getFilter();
    return filter.equals(NONE)
        ? whole.get(snapshot, this::all)
        : list(snapshot, container -> passes(container, filter));
  }

  private Encoded all(Snapshot snapshot) {
    items.tidy(
        snapshot.containers().size(),
        () -> snapshot.containers().stream().map(Entry::id).collect(Collectors.toSet()));
    return list(snapshot, _ -> true);
  }

  private Encoded list(Snapshot snapshot, Predicate<ContainerView> wanted) {
    return new Encoded(
        snapshot.containers().stream()
            .filter(wanted)
            .map(container -> items.get(container.id(), container, ContainerQueries::item))
            .toList());
  }

  private static byte[] item(ContainerView container) {
    return ListContainersResponse.newBuilder()
        .addContainers(ContainerMessages.container(container))
        .build()
        .toByteArray();
  }

  /** The statuses of the containers of a sandbox, oldest first. */
  public List<ContainerStatus> statuses(Snapshot snapshot, ContainerId sandbox) {
    return snapshot.containersOf(sandbox).stream()
        .map(container -> ContainerMessages.status(container, kernel))
        .toList();
  }

  /**
   * How a container stands; with {@code verbose}, Docker's side of it under the key {@code info}.
   *
   * @throws dev.longshore.common.CriException NOT_FOUND for an unknown container
   */
  public ContainerStatusResponse status(ContainerStatusRequest request) {
    ContainerView container = Lookup.require(view, request.getContainerId(), "tell the status of");
    ContainerStatusResponse.Builder answer =
        ContainerStatusResponse.newBuilder().setStatus(ContainerMessages.status(container, kernel));
    if (request.getVerbose()) {
      answer.putInfo("info", ContainerMessages.info(container));
    }
    return answer.build();
  }

  private static boolean passes(ContainerView container, ContainerFilter filter) {
    return container.engine().id().value().startsWith(filter.getId())
        && container.sandboxId().value().startsWith(filter.getPodSandboxId())
        && (!filter.hasState()
            || filter.getState().getState() == ContainerMessages.state(container.engine().state()))
        && container
            .metadata()
            .labels()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
