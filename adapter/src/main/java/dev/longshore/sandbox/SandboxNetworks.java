package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.network.PodNetworks;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes networks back from sandboxes and keeps their records in step. Thread-safe. */
public final class SandboxNetworks {
  private static final Logger log = LoggerFactory.getLogger(SandboxNetworks.class);

  private final PodNetworks networks;
  private final SandboxRecords records;

  public SandboxNetworks(PodNetworks networks, SandboxRecords records) {
    this.networks = networks;
    this.records = records;
  }

  /**
   * Takes the network back. When that fails the sandbox counts as not ready from then on, and its
   * process goes on holding the namespace, so that the next try finds it.
   */
  void release(FoundSandbox sandbox, Deadline deadline) {
    Optional<SandboxRecord> before = records.find(sandbox.id());
    if (before.filter(r -> r.phase() == Phase.RELEASED).isPresent()) {
      return;
    }
    if (sandbox.hasPodNetwork()) {
      try {
        networks.detach(
            sandbox.id(), before.flatMap(SandboxRecord::plan), sandbox.netns(), deadline);
      } catch (CriException e) {
        before.ifPresent(r -> note(r.with(Phase.RELEASING)));
        throw e;
      }
    }
    note(
        before
            .map(r -> r.with(Phase.RELEASED))
            .orElseGet(
                () ->
                    new SandboxRecord(
                        sandbox.id(),
                        sandbox.name(),
                        !sandbox.hasPodNetwork(),
                        Phase.RELEASED,
                        Optional.empty(),
                        List.of())));
  }

  /** A full disk must not keep pods from going: without the note the network is released twice. */
  private void note(SandboxRecord sandbox) {
    try {
      records.put(sandbox);
    } catch (CriException e) {
      log.warn("{}", e.getMessage());
    }
  }
}
