package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.KubeLabels;
import dev.longshore.view.Ledger.Sighting;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns events into inspections: an event says where to look, and what is there only as long as
 * Docker does not ({@link ToldEnds}). Used by one thread at a time; never waits.
 */
final class EventReader {
  private static final Logger log = LoggerFactory.getLogger(EventReader.class);

  /** Actions after which a container is what it was; Docker appends details after a colon. */
  private static final Set<String> IRRELEVANT =
      Set.of(
          "archive-path",
          "attach",
          "commit",
          "copy",
          "detach",
          "exec_create",
          "exec_detach",
          "exec_die",
          "exec_start",
          "export",
          "extract-to-dir",
          "health_status",
          "resize",
          "top");

  /** The actions that follow from our own requests; told again later, they cost nothing. */
  private static final Set<String> OUR_OWN = Set.of("create", "start");

  private final Ledger ledger;
  private final Mutations mutations;
  private final Inspector inspector;
  private final ToldEnds ends;
  private final Consumer<EngineEvent> imageEvents;

  /** The last event's time; read when a connection is opened, after the one before has ended. */
  private volatile Instant since;

  /** {@code since} is where to start. */
  EventReader(
      Ledger ledger,
      Mutations mutations,
      Inspector inspector,
      ToldEnds ends,
      Consumer<EngineEvent> imageEvents,
      Instant since) {
    this.ledger = ledger;
    this.mutations = mutations;
    this.inspector = inspector;
    this.ends = ends;
    this.imageEvents = imageEvents;
    this.since = since;
  }

  /** From when on events are missing. */
  Instant since() {
    return since;
  }

  /** Tells the hearer of image events that a connection was made. */
  void connected(Instant now) {
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    image(new EngineEvent(EngineEvent.Type.IMAGE, "connect", "", Map.of(), nanos));
  }

  void accept(EngineEvent event) {
    since = Instant.ofEpochSecond(0, event.timeNanos());
    switch (event.type()) {
      case CONTAINER -> container(event);
      case IMAGE -> image(event);
      case OTHER -> {}
    }
  }

  private void container(EngineEvent event) {
    String action = event.action().split(":", 2)[0];
    if (IRRELEVANT.contains(action) || !ContainerId.isWellFormed(event.id())) {
      return;
    }
    ContainerId id = new ContainerId(event.id());
    boolean ours = ledger.knows(id) || event.attributes().containsKey(KubeLabels.TYPE);
    if (!ours || ledger.buried(id)) {
      return;
    }
    ends.heard(id, action);
    String name = event.attributes().getOrDefault("name", "");
    Sighting sighting = ledger.sighted(event.timeNanos());
    boolean expected = mutations.isOpen(name) || OUR_OWN.contains(action);
    if (expected && ledger.covers(id, sighting)) {
      return;
    }
    if (!mutations.holdBack(name, id, sighting)) {
      if (action.equals("die")) {
        ends.told(id, event);
      }
      inspector.offer(id);
    }
  }

  private void image(EngineEvent event) {
    try {
      imageEvents.accept(event);
    } catch (RuntimeException e) {
      log.error("the hearer of image events failed on {} {}", event.action(), event.id(), e);
    }
  }
}
