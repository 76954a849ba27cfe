package dev.longshore.container;

import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListContainersResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;

/** The reads on containers. All are answered from the view: no Docker request, no wait. */
public final class ContainerQueries {
  private final View view;

  public ContainerQueries(View view) {
    this.view = view;
  }

  /** The containers that pass all parts of the filter, newest first. */
  public ListContainersResponse list(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
    view.snapshot().containers().stream()
        .filter(container -> passes(container, filter))
        .map(ContainerMessages::container)
        .forEach(answer::addContainers);
    return answer.build();
  }

  /**
   * How a container stands; with {@code verbose}, Docker's side of it under the key {@code info}.
   *
   * @throws dev.longshore.common.CriException NOT_FOUND for an unknown container
   */
  public ContainerStatusResponse status(ContainerStatusRequest request) {
    ContainerView container = Lookup.require(view, request.getContainerId(), "tell the status of");
    ContainerStatusResponse.Builder answer =
        ContainerStatusResponse.newBuilder().setStatus(ContainerMessages.status(container));
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
