package dev.longshore.network;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Pod networks in memory. Addresses count up from 10.1.0.2 in the order of attach, and a released
 * one is not given again. Every call is logged; each verb can be told to fail once, to fail until
 * told otherwise, or to hang. Thread-safe.
 */
public final class FakePodNetworks implements PodNetworks {
  private final CopyOnWriteArrayList<Call> calls = new CopyOnWriteArrayList<>();
  private final ConcurrentHashMap<ContainerId, PodAddresses> attached = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Verb, CriException> failOnce = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Verb, CriException> failAlways = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Verb, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final boolean dualStack;
  private int last = 1;
  private volatile @Nullable String notReady;
  private volatile String podCidr = "";

  public FakePodNetworks() {
    this(false);
  }

  /** With {@code dualStack}, each pod also gets fd00:1::N. */
  public FakePodNetworks(boolean dualStack) {
    this.dualStack = dualStack;
  }

  /** What can be called, failed and hung. */
  public enum Verb {
    PLAN,
    ATTACH,
    DETACH,
    CHECK
  }

  /**
   * One call as it came in, logged before it fails, hangs or works.
   *
   * @param netns empty for PLAN, and for a DETACH without a namespace
   * @param plan empty for PLAN and CHECK, and for a DETACH without a plan
   */
  public record Call(
      Verb verb, ContainerId sandboxId, Optional<Path> netns, Optional<NetworkPlan> plan) {}

  /** All calls, oldest first. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls of one verb, oldest first. */
  public List<Call> calls(Verb verb) {
    return calls.stream().filter(call -> call.verb() == verb).toList();
  }

  /** The sandboxes that hold addresses now. */
  public Map<ContainerId, PodAddresses> attached() {
    return Map.copyOf(attached);
  }

  /** The next call of the verb throws. */
  public void failNext(Verb verb, Kind kind, String message) {
    failOnce.put(verb, new CriException(kind, message));
  }

  /** All calls of the verb throw until {@link #heal}. */
  public void fail(Verb verb, Kind kind, String message) {
    failAlways.put(verb, new CriException(kind, message));
  }

  public void heal(Verb verb) {
    failOnce.remove(verb);
    failAlways.remove(verb);
  }

  /** Calls of the verb wait, after they were logged, for {@link #release} or their deadline. */
  public void hang(Verb verb) {
    gates.put(verb, new CountDownLatch(1));
  }

  /** Lets the calls that hang, and all later ones, go on. */
  public void release(Verb verb) {
    CountDownLatch gate = gates.remove(verb);
    if (gate != null) {
      gate.countDown();
    }
  }

  /** Makes {@link #status} and {@link #plan} say that the network is not ready. */
  public void setNotReady(String message) {
    notReady = message;
  }

  public void setReady() {
    notReady = null;
  }

  /** As if an earlier runtime had attached the sandbox and left its result in libcni's cache. */
  public void putCached(ContainerId sandboxId, String... addresses) {
    attached.put(sandboxId, new PodAddresses(List.of(addresses)));
  }

  /** The pod CIDR last set; blank when none was. */
  public String podCidr() {
    return podCidr;
  }

  @Override
  public NetworkStatus status() {
    String reason = notReady;
    return reason == null
        ? new NetworkStatus(true, "", "", "/etc/cni/net.d/10-fake.conflist", "fake", List.of())
        : new NetworkStatus(false, "NetworkPluginNotReady", reason, "", "", List.of());
  }

  @Override
  public NetworkPlan plan(PodNetworkRequest request) {
    enter(
        new Call(Verb.PLAN, request.sandboxId(), Optional.empty(), Optional.empty()),
        Deadline.never());
    String reason = notReady;
    if (reason != null) {
      throw new CriException(Kind.NOT_READY, reason);
    }
    return new NetworkPlan(
        request.sandboxId(),
        "fake",
        "eth0",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"fake\",\"plugins\":[{\"type\":\"fake\"}]}",
        Map.of(
            "K8S_POD_NAMESPACE", request.namespace(),
            "K8S_POD_NAME", request.podName(),
            "K8S_POD_UID", request.podUid()),
        "{}");
  }

  @Override
  public PodAddresses attach(NetworkPlan plan, Path netns, Deadline deadline) {
    enter(new Call(Verb.ATTACH, plan.sandboxId(), Optional.of(netns), Optional.of(plan)), deadline);
    PodAddresses addresses = next();
    PodAddresses before = attached.putIfAbsent(plan.sandboxId(), addresses);
    if (before != null) {
      throw new CriException(
          Kind.INTERNAL, "sandbox " + plan.sandboxId() + " is attached already: " + before);
    }
    return addresses;
  }

  @Override
  public void detach(
      ContainerId sandboxId, Optional<NetworkPlan> plan, Optional<Path> netns, Deadline deadline) {
    enter(new Call(Verb.DETACH, sandboxId, netns, plan), deadline);
    attached.remove(sandboxId);
  }

  @Override
  public void check(ContainerId sandboxId, Path netns, Deadline deadline) {
    enter(new Call(Verb.CHECK, sandboxId, Optional.of(netns), Optional.empty()), deadline);
    if (!attached.containsKey(sandboxId)) {
      throw new CriException(Kind.INTERNAL, "sandbox " + sandboxId + " has no network");
    }
  }

  @Override
  public Optional<PodAddresses> cached(ContainerId sandboxId) {
    return Optional.ofNullable(attached.get(sandboxId));
  }

  @Override
  public void podCidr(String cidr) {
    if (!cidr.isBlank()) {
      podCidr = cidr;
    }
  }

  private synchronized PodAddresses next() {
    last++;
    String v4 = "10.1.%d.%d".formatted(last / 250, last % 250);
    return new PodAddresses(
        dualStack ? List.of(v4, "fd00:1::" + Integer.toHexString(last)) : List.of(v4));
  }

  private void enter(Call call, Deadline deadline) {
    calls.add(call);
    CountDownLatch gate = gates.get(call.verb());
    if (gate != null) {
      await(gate, call, deadline);
    }
    CriException once = failOnce.remove(call.verb());
    if (once != null) {
      throw once;
    }
    CriException always = failAlways.get(call.verb());
    if (always != null) {
      throw always;
    }
  }

  private static void await(CountDownLatch gate, Call call, Deadline deadline) {
    try {
      if (!gate.await(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS)) {
        throw new CriException(Kind.TIMED_OUT, call.verb() + " hangs for " + call.sandboxId());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, call.verb() + " was interrupted", e);
    }
  }
}
