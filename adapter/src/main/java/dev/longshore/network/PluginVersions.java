package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.Deadline;
import dev.longshore.network.PluginCall.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which versions of CNI each plugin speaks, asked once (VERSION) for each content of its file.
 * Thread-safe.
 */
final class PluginVersions {
  private static final Duration BUDGET = Duration.ofSeconds(10);

  private final ConcurrentHashMap<Path, Answer> answers = new ConcurrentHashMap<>();
  private final PluginRunner runner;

  PluginVersions(PluginRunner runner) {
    this.runner = runner;
  }

  /** The versions the plugin speaks; starts it only if its file has changed since it was asked. */
  NavigableSet<CniVersion> of(Path plugin) throws PluginFailure, CniFormatException {
    Stamp stamp = Stamp.of(plugin);
    Answer known = answers.get(plugin);
    if (known != null && known.stamp.equals(stamp)) {
      return known.versions;
    }
    NavigableSet<CniVersion> versions = Collections.unmodifiableNavigableSet(ask(plugin));
    answers.put(plugin, new Answer(stamp, versions));
    return versions;
  }

  private NavigableSet<CniVersion> ask(Path plugin) throws PluginFailure, CniFormatException {
    // Plugins built before 0.2.0's VERSION want the variables of ADD; libcni sends these too.
    PluginCall call =
        new PluginCall(
            Verb.VERSION,
            plugin,
            "the versions it speaks",
            Map.of("CNI_NETNS", "dummy", "CNI_IFNAME", "dummy", "CNI_PATH", "dummy"),
            "{\"cniVersion\":\"" + CniVersion.NEWEST + "\"}");
    String printed;
    try {
      printed = runner.run(call, Deadline.in(BUDGET));
    } catch (PluginFailure e) {
      if (e.isUnknownVerb()) {
        return new TreeSet<>(Set.of(CniVersion.OLDEST));
      }
      throw e;
    }
    return read(plugin, printed);
  }

  private static NavigableSet<CniVersion> read(Path plugin, String printed)
      throws CniFormatException {
    NavigableSet<CniVersion> versions = new TreeSet<>();
    try {
      ObjectNode answer = Json.parseObject(printed);
      for (JsonNode version : answer.path("supportedVersions")) {
        versions.add(CniVersion.parse(version.asText()));
      }
    } catch (CniFormatException e) {
      throw new CniFormatException(
          "plugin %s printed no versions for VERSION but %s: %s"
              .formatted(plugin, PluginRunner.quote(printed), e.getMessage()),
          e);
    }
    if (versions.isEmpty()) {
      throw new CniFormatException(
          "plugin %s names no supportedVersions for VERSION: %s"
              .formatted(plugin, PluginRunner.quote(printed)));
    }
    return versions;
  }

  private record Answer(Stamp stamp, NavigableSet<CniVersion> versions) {}

  /** Changes when the file's content does: time of change in ms, size in bytes, inode. */
  private record Stamp(long modified, long size, String fileKey) {
    static Stamp of(Path plugin) throws CniFormatException {
      try {
        BasicFileAttributes attributes = Files.readAttributes(plugin, BasicFileAttributes.class);
        return new Stamp(
            attributes.lastModifiedTime().toMillis(),
            attributes.size(),
            String.valueOf(attributes.fileKey()));
      } catch (IOException e) {
        throw new CniFormatException("cannot look at plugin %s: %s".formatted(plugin, e), e);
      }
    }
  }
}
