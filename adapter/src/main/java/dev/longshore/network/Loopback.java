package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.Map;
import java.util.NavigableSet;

/**
 * The network every pod has beside its own: lo, brought up by the plugin of that name. It is not
 * kept in libcni's cache: its DEL needs nothing from there, and cri-dockerd, which calls the
 * interface eth0 here, would leave a file of another name behind.
 */
final class Loopback {
  static final String TYPE = "loopback";

  /** As containerd, CRI-O and cri-dockerd name it. */
  static final String NETWORK = "cni-loopback";

  private final PluginBinaries binaries;
  private final PluginVersions versions;

  Loopback(PluginBinaries binaries, PluginVersions versions) {
    this.binaries = binaries;
    this.versions = versions;
  }

  /**
   * The loopback's part of a sandbox, in the newest version that the plugin and Longshore speak.
   *
   * @throws CriException NOT_READY when the plugin is missing or useless
   */
  Attachment of(ContainerId sandboxId, Map<String, String> args) {
    try {
      NavigableSet<CniVersion> spoken =
          versions.of(binaries.find(TYPE)).headSet(CniVersion.NEWEST, true);
      CniVersion version = spoken.isEmpty() ? CniVersion.NEWEST : spoken.last();
      ObjectNode list = Json.object();
      list.put("cniVersion", version.toString());
      list.put("name", NETWORK);
      list.putArray("plugins").addObject().put("type", TYPE);
      return new Attachment(
          sandboxId, "lo", NetworkConfigList.parse(Json.text(list)), args, Json.object());
    } catch (CniFormatException | PluginFailure e) {
      throw new CriException(
          Kind.NOT_READY,
          "the loopback of sandbox %s: %s".formatted(sandboxId.shortForm(), e.getMessage()),
          e);
    }
  }
}
