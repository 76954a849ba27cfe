package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Docker's answers to entries. Thread-safe. */
final class EntryDecoder {
  private static final Logger log = LoggerFactory.getLogger(EntryDecoder.class);

  /** Ids already complained about. */
  private final Set<ContainerId> told = ConcurrentHashMap.newKeySet();

  /** Empty, and said once per id, for a container that does not name its pod. */
  Optional<Entry> decode(EngineContainer answer) {
    Optional<KubeName> name = KubeName.parse(answer.name());
    if (name.isEmpty()) {
      return leaveOut(answer, "its name is not of the form k8s_<container>_<pod>_…");
    }
    EngineContainer engine = Compaction.compact(answer);
    KubeLabels.Metadata metadata = Compaction.compact(KubeLabels.read(answer.labels()));
    return switch (label(answer, KubeLabels.TYPE)) {
      case KubeLabels.TYPE_SANDBOX ->
          Optional.of(new SandboxView(engine, Compaction.compact(name.get()), metadata));
      case KubeLabels.TYPE_CONTAINER -> container(engine, name.get(), metadata);
      default -> leaveOut(answer, "its label " + KubeLabels.TYPE + " is unknown");
    };
  }

  /** Drops what is remembered of a container that is gone. */
  void forget(ContainerId id) {
    told.remove(id);
  }

  private Optional<Entry> container(
      EngineContainer engine, KubeName name, KubeLabels.Metadata metadata) {
    String sandbox = label(engine, KubeLabels.SANDBOX_ID);
    if (!ContainerId.isWellFormed(sandbox)) {
      return leaveOut(engine, "its label " + KubeLabels.SANDBOX_ID + " is not a container id");
    }
    return Optional.of(
        new ContainerView(
            engine,
            Compaction.compact(name),
            new ContainerId(sandbox),
            metadata,
            label(engine, KubeLabels.LOG_PATH)));
  }

  private Optional<Entry> leaveOut(EngineContainer engine, String why) {
    if (told.add(engine.id())) {
      log.warn("container {} ({}) is in no list: {}", engine.name(), engine.id(), why);
    }
    return Optional.empty();
  }

  private static String label(EngineContainer engine, String key) {
    Map<String, String> labels = engine.labels();
    return labels.getOrDefault(key, "");
  }
}
