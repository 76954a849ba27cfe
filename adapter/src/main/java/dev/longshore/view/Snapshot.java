package dev.longshore.view;

import dev.longshore.common.ContainerId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All pods and containers at one moment. Immutable; a look-up is a binary search. Ids may be given
 * as a prefix of one digit or more, as crictl does.
 */
public final class Snapshot {
  static final Snapshot EMPTY =
      new Snapshot(
          new Catalog<>("sandboxes"),
          new Catalog<>("containers"),
          new SortedIndex<>(
              Comparator.comparing(ContainerView::sandboxId).thenComparing(Catalog.OLDEST_FIRST)));

  private final Catalog<SandboxView> sandboxes;
  private final Catalog<ContainerView> containers;
  private final SortedIndex<ContainerView> bySandbox;

  private Snapshot(
      Catalog<SandboxView> sandboxes,
      Catalog<ContainerView> containers,
      SortedIndex<ContainerView> bySandbox) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.bySandbox = bySandbox;
  }

  /** All sandboxes, newest first. */
  public Collection<SandboxView> sandboxes() {
    return sandboxes.newestFirst();
  }

  /** All workload containers, newest first. */
  public Collection<ContainerView> containers() {
    return containers.newestFirst();
  }

  /**
   * The sandbox with that id, or with the only id that starts so.
   *
   * @throws dev.longshore.common.CriException INVALID when several ids start so
   */
  public Optional<SandboxView> sandbox(String idOrPrefix) {
    return sandboxes.find(idOrPrefix);
  }

  /**
   * The container with that id, or with the only id that starts so.
   *
   * @throws dev.longshore.common.CriException INVALID when several ids start so
   */
  public Optional<ContainerView> container(String idOrPrefix) {
    return containers.find(idOrPrefix);
  }

  /** The sandbox of that Docker name. */
  public Optional<SandboxView> sandboxNamed(String dockerName) {
    return sandboxes.named(dockerName);
  }

  /** The container of that Docker name. */
  public Optional<ContainerView> containerNamed(String dockerName) {
    return containers.named(dockerName);
  }

  /** The workload containers of a sandbox, oldest first. */
  public List<ContainerView> containersOf(ContainerId sandbox) {
    return bySandbox.range(container -> container.sandboxId().compareTo(sandbox));
  }

  /** The sandbox or container with that id. */
  Optional<Entry> entry(ContainerId id) {
    return containers
        .find(id.value())
        .<Entry>map(found -> found)
        .or(() -> sandboxes.find(id.value()));
  }

  /** The same but for {@code fresh}; this object when nothing would change. */
  Snapshot with(Entry fresh) {
    if (entry(fresh.id()).filter(fresh::equals).isPresent()) {
      return this;
    }
    return switch (fresh) {
      case SandboxView sandbox -> new Snapshot(sandboxes.with(sandbox), containers, bySandbox);
      case ContainerView container ->
          new Snapshot(
              sandboxes,
              containers.with(container),
              containers
                  .find(container.id().value())
                  .map(old -> bySandbox.swap(old, container))
                  .orElseGet(() -> bySandbox.plus(container)));
    };
  }

  /** The same without that id; this object when it is not here. */
  Snapshot without(ContainerId id) {
    return entry(id)
        .map(
            old ->
                switch (old) {
                  case SandboxView sandbox ->
                      new Snapshot(sandboxes.without(sandbox), containers, bySandbox);
                  case ContainerView container ->
                      new Snapshot(
                          sandboxes, containers.without(container), bySandbox.minus(container));
                })
        .orElse(this);
  }
}
