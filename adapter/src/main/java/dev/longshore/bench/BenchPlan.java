package dev.longshore.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to measure.
 *
 * @param sockets of the servers; with several, every measurement goes round them in turn
 * @param pods per server
 * @param containers per pod
 * @param parallel how many pods are made or removed at a time
 * @param rounds how often each read is measured
 * @param execs how often ExecSync is measured
 * @param churn how many pods are made and removed beside those that stay
 * @param idleSeconds how long the idle servers are watched; 0 for not at all
 * @param image reference of an image with a shell, pulled if it is missing
 * @param dockerPid of Docker's daemon; empty for the process named dockerd, if there is one
 * @param baseline to measure what the same pods cost a bare client; empty for not
 * @param json whether the report is JSON
 */
public record BenchPlan(
    List<Path> sockets,
    int pods,
    int containers,
    int parallel,
    int rounds,
    int execs,
    int churn,
    int idleSeconds,
    String image,
    OptionalInt dockerPid,
    Optional<Baseline> baseline,
    boolean json) {
  public BenchPlan {
    sockets = List.copyOf(sockets);
  }

  /**
   * What a bare client needs to make pods.
   *
   * @param docker socket of Docker's daemon
   * @param cniConfigurations folder of the network's configuration
   * @param cniPlugins folders of plugins
   */
  public record Baseline(Path docker, Path cniConfigurations, List<Path> cniPlugins) {
    public Baseline {
      cniPlugins = List.copyOf(cniPlugins);
    }
  }
}
