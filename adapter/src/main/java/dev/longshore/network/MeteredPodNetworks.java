package dev.longshore.network;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import dev.longshore.metrics.Timings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Pod networks whose operations are counted and timed; also by the names that the kubelet had when
 * dockershim was part of it, which dashboards know.
 */
public final class MeteredPodNetworks implements PodNetworks, Source {
  private static final Family READY =
      Family.gauge("longshore_network_ready", "", "1 while pods can get a network");

  private final PodNetworks target;
  private final Tally operations =
      new Tally(
          Family.counter(
              "longshore_cni_operations_total",
              "operations",
              "CNI operations of pods that have ended",
              "operation",
              "outcome"));
  private final Timings times =
      new Timings(
          Family.seconds(
              "longshore_cni_operation_duration_seconds",
              "How long a CNI operation of a pod takes with all its plugins",
              "operation"));
  private final Tally dockershims =
      new Tally(
          Family.counter(
              "kubelet_network_plugin_operations_total",
              "operations",
              "CNI operations of pods, by dockershim's name",
              "operation_type"));
  private final Tally dockershimsErrors =
      new Tally(
          Family.counter(
              "kubelet_network_plugin_operations_errors_total",
              "errors",
              "CNI operations of pods that failed, by dockershim's name",
              "operation_type"));
  private final Timings dockershimsTimes =
      new Timings(
          Family.seconds(
              "kubelet_network_plugin_operations_duration_seconds",
              "How long a CNI operation of a pod takes, by dockershim's name",
              "operation_type"));

  public MeteredPodNetworks(PodNetworks target) {
    this.target = target;
  }

  @Override
  public NetworkStatus status() {
    return target.status();
  }

  @Override
  public NetworkPlan plan(PodNetworkRequest request) {
    return target.plan(request);
  }

  @Override
  public PodAddresses attach(NetworkPlan plan, Path netns, Deadline deadline) {
    return metered("add", "set_up_pod", () -> target.attach(plan, netns, deadline));
  }

  @Override
  public void detach(
      ContainerId sandboxId, Optional<NetworkPlan> plan, Optional<Path> netns, Deadline deadline) {
    boolean _ =
        metered(
            "del",
            "tear_down_pod",
            () -> {
              target.detach(sandboxId, plan, netns, deadline);
              return true;
            });
  }

  @Override
  public void check(ContainerId sandboxId, Path netns, Deadline deadline) {
    boolean _ =
        metered(
            "check",
            "get_pod_network_status",
            () -> {
              target.check(sandboxId, netns, deadline);
              return true;
            });
  }

  @Override
  public Optional<PodAddresses> cached(ContainerId sandboxId) {
    return target.cached(sandboxId);
  }

  @Override
  public void podCidr(String cidr) {
    target.podCidr(cidr);
  }

  private <T> T metered(String operation, String dockershims, Supplier<T> work) {
    long start = System.nanoTime();
    boolean done = false;
    try {
      T result = work.get();
      done = true;
      return result;
    } finally {
      long nanos = System.nanoTime() - start;
      operations.add(operation, done ? "ok" : "failed");
      times.took(nanos, operation);
      this.dockershims.add(dockershims);
      dockershimsErrors.add(done ? 0 : 1, dockershims);
      dockershimsTimes.took(nanos, dockershims);
    }
  }

  @Override
  public void writeTo(Exposition out) {
    out.single(READY, target.status().ready() ? 1 : 0);
    operations.writeTo(out);
    times.writeTo(out);
    dockershims.writeTo(out);
    dockershimsErrors.writeTo(out);
    dockershimsTimes.writeTo(out);
  }
}
