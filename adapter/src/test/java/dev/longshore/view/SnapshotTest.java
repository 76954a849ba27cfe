package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.docker.EngineContainer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private final EntryDecoder decoder = new EntryDecoder();

  @Test
  void bothKindsAreListedNewestFirst() {
    Snapshot snapshot =
        of(
            Samples.sandbox(2),
            Samples.sandbox(9),
            Samples.sandbox(1),
            Samples.container(4, Samples.id(1)),
            Samples.container(7, Samples.id(2)));
    assertThat(snapshot.sandboxes())
        .extracting(Entry::id)
        .containsExactly(Samples.id(9), Samples.id(2), Samples.id(1));
    assertThat(snapshot.containers())
        .extracting(Entry::id)
        .containsExactly(Samples.id(7), Samples.id(4));
  }

  @Test
  void theContainersOfASandboxAreListedOldestFirst() {
    Snapshot snapshot =
        of(
            Samples.sandbox(1),
            Samples.container(7, Samples.id(1)),
            Samples.container(5, Samples.id(1)),
            Samples.container(6, Samples.id(2)));
    assertThat(snapshot.containersOf(Samples.id(1)))
        .extracting(Entry::id)
        .containsExactly(Samples.id(5), Samples.id(7));
    assertThat(snapshot.containersOf(Samples.id(3))).isEmpty();
  }

  @Test
  void anIdIsFoundInFullOrByAPrefixOfItsOwn() {
    ContainerId first = new ContainerId("ab" + "1".repeat(62));
    ContainerId second = new ContainerId("ac" + "1".repeat(62));
    Snapshot snapshot = of(sandbox(first), sandbox(second));
    assertThat(snapshot.sandbox(first.value())).map(Entry::id).contains(first);
    assertThat(snapshot.sandbox("ab")).map(Entry::id).contains(first);
    assertThat(snapshot.sandbox("ac1")).map(Entry::id).contains(second);
    assertThat(snapshot.container("ab")).isEmpty();
    for (String nobody : List.of("", "b", "ad", "aa", "AB", "x", first.value() + "1", "%")) {
      assertThat(snapshot.sandbox(nobody)).as(nobody).isEmpty();
    }
  }

  @Test
  void aPrefixOfSeveralIdsIsRefusedNamingThem() {
    Snapshot snapshot =
        of(
            sandbox(new ContainerId("ab" + "1".repeat(62))),
            sandbox(new ContainerId("ac" + "1".repeat(62))));
    assertThatThrownBy(() -> snapshot.sandbox("a"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(CriException.Kind.INVALID))
        .hasMessageContaining("2 sandboxes")
        .hasMessageContaining("\"a\"")
        .hasMessageContaining("ac1111");
  }

  @Test
  void namesAreFoundAndTheNewestWinsWhileTwoHaveOne() {
    EngineContainer old = Samples.sandbox(1);
    EngineContainer young =
        Samples.engine(Samples.id(5), old.name(), old.labels(), old.created().plusSeconds(1));
    Snapshot snapshot = of(young, old);
    assertThat(snapshot.sandboxNamed(old.name())).map(Entry::id).contains(Samples.id(5));
    assertThat(snapshot.containerNamed(old.name())).isEmpty();
    assertThat(snapshot.without(Samples.id(5)).sandboxNamed(old.name()))
        .map(Entry::id)
        .contains(Samples.id(1));
  }

  @Test
  void aChangeLeavesTheOldSnapshotAsItWas() {
    Snapshot before = of(Samples.sandbox(1), Samples.container(2, Samples.id(1)));
    Snapshot changed = put(before, Samples.sandbox(1).in(Samples.running()));
    Snapshot emptied = changed.without(Samples.id(1)).without(Samples.id(2));
    assertThat(before.sandbox(Samples.id(1).value()).orElseThrow().engine().state())
        .isNotEqualTo(Samples.running());
    assertThat(changed.sandbox(Samples.id(1).value()).orElseThrow().engine().state())
        .isEqualTo(Samples.running());
    assertThat(changed.sandboxes()).hasSize(1);
    assertThat(emptied.sandboxes()).isEmpty();
    assertThat(emptied.containers()).isEmpty();
    assertThat(emptied.containersOf(Samples.id(1))).isEmpty();
    assertThat(before.containersOf(Samples.id(1))).hasSize(1);
  }

  @Test
  void nothingNewIsNoChange() {
    Snapshot snapshot = of(Samples.sandbox(1), Samples.container(2, Samples.id(1)));
    assertThat(put(snapshot, Samples.container(2, Samples.id(1)))).isSameAs(snapshot);
    assertThat(snapshot.without(Samples.id(9))).isSameAs(snapshot);
  }

  @Test
  void listsCannotBeChanged() {
    Snapshot snapshot = of(Samples.sandbox(1), Samples.container(2, Samples.id(1)));
    assertThatThrownBy(() -> snapshot.sandboxes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    List<ContainerView> containers = snapshot.containersOf(Samples.id(1));
    assertThatThrownBy(containers::removeFirst).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void manyContainersAreFoundAgain() {
    Snapshot snapshot = Snapshot.EMPTY;
    List<ContainerId> ids = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      int number = (i * 7919) % 2_000;
      snapshot = put(snapshot, Samples.container(number, Samples.id(number % 100)));
      ids.add(Samples.id(number));
    }
    assertThat(snapshot.containers()).hasSize(2_000);
    assertThat(snapshot.containersOf(Samples.id(42))).hasSize(20);
    for (ContainerId id : ids) {
      assertThat(snapshot.container(id.value()).orElseThrow().id()).isEqualTo(id);
    }
  }

  private Snapshot of(EngineContainer... containers) {
    Snapshot snapshot = Snapshot.EMPTY;
    for (EngineContainer container : containers) {
      snapshot = put(snapshot, container);
    }
    return snapshot;
  }

  private Snapshot put(Snapshot snapshot, EngineContainer container) {
    return snapshot.with(decoder.decode(container).orElseThrow());
  }

  private static EngineContainer sandbox(ContainerId id) {
    EngineContainer any = Samples.sandbox(1);
    return Samples.engine(id, any.name(), any.labels(), any.created());
  }
}
