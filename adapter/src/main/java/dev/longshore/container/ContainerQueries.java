package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Latest;
import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListContainersResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.util.List;

/** The reads on containers. All are answered from the view: no Docker request, no wait. */
public final class ContainerQueries {
  /** Longer lists are made anew each time: to keep them would double what a container costs. */
  private static final int MOST_KEPT = 1000;

  private final View view;
  private final KernelSide kernel;
  private final Latest<Snapshot, ListContainersResponse> whole = new Latest<>();

  public ContainerQueries(View view, KernelSide kernel) {
    this.view = view;
    this.kernel = kernel;
  }

  /** The containers that pass all parts of the filter, newest first. */
  public ListContainersResponse list(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    Snapshot snapshot = view.snapshot();
    if (!filter.equals(ContainerFilter.getDefaultInstance())
        || snapshot.containers().size() > MOST_KEPT) {
      return list(snapshot, filter);
    }
    return whole.get(snapshot, latest -> list(latest, filter));
  }

  private static ListContainersResponse list(Snapshot snapshot, ContainerFilter filter) {
    ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
    boolean all = filter.equals(ContainerFilter.getDefaultInstance());
    for (ContainerView container : snapshot.containers()) {
      if (all || passes(container, filter)) {
        answer.addContainers(ContainerMessages.container(container));
      }
    }
    return answer.build();
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
