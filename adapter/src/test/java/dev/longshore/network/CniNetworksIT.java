package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.network.PodNetworkRequest.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reference plugins (bridge, host-local, portmap, bandwidth, ptp, loopback) in network
 * namespaces of our own. Needs root, iproute2 and the plugins in one of the usual folders.
 */
final class CniNetworksIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long PID = ProcessHandle.current().pid();
  private static final int SUBNET = (int) (1 + PID % 90);
  private static final String BRIDGE = "lsit" + PID % 100_000;

  private static final String PORTMAP =
      "{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}";
  // Of nobody else's making, and not a round number, which tc would print in Mbit.
  private static final long INGRESS_KBIT = 2001 + PID % 900;
  private static final long EGRESS_KBIT = INGRESS_KBIT + 1000;
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final FakePlugins folders;
  private final CniNetworks networks;
  private final Path leases;
  private final List<Namespace> namespaces = new ArrayList<>();
  private final Set<Namespace> released = ConcurrentHashMap.newKeySet();

  CniNetworksIT(@TempDir Path folder) throws IOException {
    folders = new FakePlugins(folder);
    Files.delete(folders.bin().resolve("loopback"));
    leases = folder.resolve("leases");
    networks =
        CniNetworks.open(
            new CniOptions(
                folders.conf(),
                List.of(folders.bin(), Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                folders.cache(),
                folder.resolve("pod-cidr"),
                ""));
  }

  @BeforeEach
  void ready() {
    config("pods", list("1.0.0", bridge(ipam(v4(), v6()))));
  }

  @AfterEach
  void cleanUp() throws Exception {
    List<String> failures = new ArrayList<>();
    for (Namespace namespace : namespaces) {
      try {
        if (!released.contains(namespace)) {
          detach(namespace);
        }
      } catch (CriException e) {
        failures.add(e.getMessage());
      }
      run(true, "ip", "netns", "del", namespace.name);
    }
    run(true, "ip", "link", "del", BRIDGE);
    networks.close();
    assertThat(failures).isEmpty();
    assertThat(files(folders.results())).as("cache files left").isEmpty();
    assertThat(leased()).as("leases left").isEmpty();
  }

  /** A namespace with an id that belongs to it. */
  private record Namespace(String name, ContainerId id, Path path) {}

  private Namespace namespace() throws Exception {
    String name = BRIDGE + "-" + COUNTER.incrementAndGet();
    run(false, "ip", "netns", "add", name);
    String id = HexFormat.of().formatHex(name.getBytes(StandardCharsets.US_ASCII));
    Namespace namespace =
        new Namespace(
            name,
            new ContainerId((id + "0".repeat(64)).substring(0, 64)),
            Path.of("/run/netns", name));
    namespaces.add(namespace);
    return namespace;
  }

  private String ipam(String... subnets) {
    return """
    {"type":"host-local","dataDir":"%s","ranges":[%s]}\
    """
        .formatted(
            leases,
            Stream.of(subnets)
                .map(subnet -> "[{\"subnet\":\"" + subnet + "\"}]")
                .collect(Collectors.joining(",")));
  }

  private static String v4() {
    return "10.213." + SUBNET + ".0/24";
  }

  private static String v6() {
    return "fd00:213:" + SUBNET + "::/64";
  }

  private static String list(String version, String... plugins) {
    return "{\"cniVersion\":\"%s\",\"name\":\"pods\",\"plugins\":[%s]}"
        .formatted(version, String.join(",", plugins));
  }

  private static String bridge(String ipam) {
    return "{\"type\":\"bridge\",\"bridge\":\"%s\",\"isGateway\":true,\"ipam\":%s}"
        .formatted(BRIDGE, ipam);
  }

  /** Puts the configuration in force. */
  private void config(String name, String json) {
    folders.config("10-pods.conflist", json.replace("\"name\":\"pods\"", named(name)));
    assertThat(networks.await(it -> it.ready() && it.networkName().equals(name), soon()))
        .as("%s", networks.status())
        .isTrue();
  }

  private static String named(String name) {
    return "\"name\":\"" + name + "\"";
  }

  private static Deadline soon() {
    return Deadline.in(PATIENCE);
  }

  private NetworkPlan plan(Namespace namespace, int hostPort) {
    return networks.plan(
        new PodNetworkRequest(
            namespace.id,
            "default",
            namespace.name,
            "uid",
            List.of(new HostPort(hostPort, 80, "tcp", "")),
            OptionalLong.of(INGRESS_KBIT * 1000),
            OptionalLong.of(EGRESS_KBIT * 1000),
            List.of(),
            List.of(),
            List.of()));
  }

  private PodAddresses attach(Namespace namespace) {
    return networks.attach(plan(namespace, 0), namespace.path, soon());
  }

  private void detach(Namespace namespace) {
    networks.detach(namespace.id, Optional.empty(), Optional.of(namespace.path), soon());
    released.add(namespace);
  }

  /** The addresses that host-local holds. */
  private List<String> leased() throws IOException {
    if (!Files.exists(leases)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(leases)) {
      return all.map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith("10.213.") || file.startsWith("fd00"))
          .sorted()
          .toList();
    }
  }

  private static List<String> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(Path::toString).toList();
    }
  }

  private static String run(boolean mayFail, String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(mayFail || process.exitValue() == 0)
        .as("%s printed %s", String.join(" ", command), printed)
        .isTrue();
    return printed;
  }

  private static String in(Namespace namespace, String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace.name));
    all.addAll(List.of(command));
    return run(false, all.toArray(String[]::new));
  }

  private static String natRules() throws Exception {
    return run(false, "iptables", "-w", "-t", "nat", "-S")
        + run(true, "ip6tables", "-w", "-t", "nat", "-S");
  }

  @Test
  void aPodGetsADualStackNetworkThatChecksAndGoesAway() throws Exception {
    Namespace pod = namespace();
    PodAddresses addresses = attach(pod);
    assertThat(addresses.addresses()).hasSize(2);
    assertThat(addresses.addresses().get(0)).startsWith("10.213." + SUBNET + ".");
    assertThat(addresses.addresses().get(1)).startsWith("fd00:213:" + SUBNET + "::");
    assertThat(in(pod, "ip", "-o", "addr", "show", "dev", "eth0", "scope", "global"))
        .contains(addresses.addresses());
    assertThat(in(pod, "ip", "-o", "addr", "show", "dev", "lo")).contains("127.0.0.1/8");
    assertThat(InetAddress.ofLiteral(addresses.addresses().getFirst()).isReachable(5_000)).isTrue();
    assertThat(networks.cached(pod.id)).contains(addresses);
    assertThat(leased()).containsExactlyInAnyOrderElementsOf(addresses.addresses());

    networks.check(pod.id, pod.path, soon());

    detach(pod);
    assertThat(in(pod, "ip", "-o", "link")).doesNotContain("eth0");
    assertThat(leased()).isEmpty();
    assertThat(networks.cached(pod.id)).isEmpty();
    detach(pod);
  }

  @Test
  void aNetworkThatIsNoLongerAsMadeFailsTheCheck() throws Exception {
    Namespace pod = namespace();
    attach(pod);
    in(pod, "ip", "link", "del", "eth0");
    assertThatThrownBy(() -> networks.check(pod.id, pod.path, soon()))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("plugin bridge, CHECK")
        .hasMessageContaining("eth0");
  }

  @Test
  void hostPortsAndBandwidthLimitsComeAndGo() throws Exception {
    config(
        "full",
        list(
            "1.0.0",
            bridge(ipam(v4())).replace("\"isGateway\"", "\"ipMasq\":true,\"isGateway\""),
            PORTMAP,
            "{\"type\":\"bandwidth\",\"capabilities\":{\"bandwidth\":true}}"));
    Namespace pod = namespace();
    int port = 20_000 + (int) (PID % 10_000);
    List<String> rates = List.of("rate " + INGRESS_KBIT + "Kbit", "rate " + EGRESS_KBIT + "Kbit");
    PodAddresses addresses = networks.attach(plan(pod, port), pod.path, soon());
    String target = addresses.addresses().getFirst() + ":80";
    assertThat(natRules()).contains("--dport " + port).contains(target);
    assertThat(run(false, "tc", "qdisc", "show")).contains(rates);
    detach(pod);
    assertThat(natRules()).doesNotContain("--dport " + port).doesNotContain(target);
    assertThat(run(false, "tc", "qdisc", "show")).doesNotContain(rates);
  }

  @Test
  void theNamespacesFilesInProcTellTheSameAddresses() throws Exception {
    Namespace pod = namespace();
    PodAddresses addresses = attach(pod);
    Process inside = new ProcessBuilder("ip", "netns", "exec", pod.name, "sleep", "60").start();
    try {
      Deadline deadline = soon();
      NamespaceAddresses reader = new NamespaceAddresses(Path.of("/proc"));
      while (!reader.of(inside.pid(), "eth0").equals(Optional.of(addresses))) {
        assertThat(deadline.passed())
            .as("%s, not %s", reader.of(inside.pid(), "eth0"), addresses)
            .isFalse();
        Thread.onSpinWait();
      }
    } finally {
      inside.destroyForcibly().waitFor();
    }
  }

  @Test
  void aNamespaceThatHasGoneLeavesNoLease() throws Exception {
    Namespace pod = namespace();
    attach(pod);
    run(false, "ip", "netns", "del", pod.name);
    detach(pod);
    assertThat(leased()).isEmpty();
    assertThat(files(folders.results())).isEmpty();
  }

  @Test
  void aConfigurationThatHasGoneOrChangedIsNotNeededToRelease() throws Exception {
    Namespace first = namespace();
    Namespace second = namespace();
    attach(first);
    attach(second);
    config(
        "renamed",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"portmap\"}]}");
    detach(first);
    Files.delete(folders.conf().resolve("10-pods.conflist"));
    assertThat(networks.await(status -> !status.ready(), soon())).isTrue();
    detach(second);
    assertThat(leased()).isEmpty();
  }

  @Test
  void aCrashBetweenAddAndCacheLeavesNothingWhenThePlanIsKept() throws Exception {
    Namespace pod = namespace();
    int port = 30_000 + (int) (PID % 10_000);
    config("hostports", list("1.0.0", bridge(ipam(v4())), PORTMAP));
    NetworkPlan plan = plan(pod, port);
    networks.attach(plan, pod.path, soon());
    assertThat(natRules()).contains("--dport " + port);
    for (String file : files(folders.results())) {
      Files.delete(Path.of(file));
    }
    config(
        "renamed",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"portmap\"}]}");
    networks.detach(pod.id, Optional.of(plan), Optional.of(pod.path), soon());
    assertThat(leased()).isEmpty();
    assertThat(natRules()).doesNotContain("--dport " + port);
    assertThat(in(pod, "ip", "-o", "link")).doesNotContain("eth0");
  }

  @Test
  void aFailedAddIsExplainedAndReleased() throws Exception {
    config("tiny", list("1.0.0", bridge(ipam("10.213." + SUBNET + ".0/30"))));
    Namespace first = namespace();
    Namespace second = namespace();
    attach(first);
    assertThatThrownBy(() -> attach(second))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL))
        .hasMessageContaining("plugin bridge, ADD")
        .hasMessageContaining("no IP addresses available");
    detach(second);
    assertThat(leased()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.3.1", "0.4.0", "1.0.0"})
  void eachVersionWorks(String version) throws Exception {
    String ptp = "{\"type\":\"ptp\",\"ipam\":" + ipam(v4(), v6()) + "}";
    config("v" + version, list(version, ptp, PORTMAP));
    Namespace pod = namespace();
    PodAddresses addresses = attach(pod);
    assertThat(addresses.addresses()).hasSize(2);
    assertThat(networks.cached(pod.id)).contains(addresses);
    networks.check(pod.id, pod.path, soon());
    detach(pod);
    assertThat(leased()).isEmpty();
  }

  @Test
  void theNodesPodCidrIsHandedOutInBothFamilies() throws Exception {
    folders.config(
        "10-pods.conflist",
        """
        {"cniVersion":"1.0.0","name":"cidr","plugins":[{"type":"bridge","bridge":"%s",
          "capabilities":{"ipRanges":true},"ipam":{"type":"host-local","dataDir":"%s"}}]}\
        """
            .formatted(BRIDGE, leases));
    assertThat(networks.await(status -> status.message().contains("ipRanges"), soon())).isTrue();
    networks.podCidr("10.213.%d.128/25,fd00:213:%d:1::/64".formatted(SUBNET, SUBNET));
    Namespace pod = namespace();
    assertThat(attach(pod).addresses())
        .containsExactly("10.213.%d.130".formatted(SUBNET), "fd00:213:%d:1::2".formatted(SUBNET));
  }

  @Test
  void fiftyPodsAtOnceAreNotHeldUpByOneWhosePluginHangs() throws Exception {
    folders.plugin(
        "moody",
        """
        test "$CNI_COMMAND" = ADD || exit 0
        test "$CNI_CONTAINERID" != "$(cat %s)" || exec sleep 1000
        echo "$input" | sed 's/.*"prevResult"://; s/}$//'
        """
            .formatted(folders.netns()));
    config("many", list("1.0.0", bridge(ipam(v4())), "{\"type\":\"moody\"}"));
    Namespace hung = namespace();
    Files.writeString(folders.netns(), hung.id.value());
    List<Namespace> pods = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pods.add(namespace());
    }
    NetworkPlan hungPlan = plan(hung, 0);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PodAddresses> never =
          executor.submit(() -> networks.attach(hungPlan, hung.path, Deadline.in(PATIENCE)));
      List<Future<PodAddresses>> all =
          pods.stream().map(pod -> executor.submit(() -> attach(pod))).toList();
      List<String> addresses = new ArrayList<>();
      for (Future<PodAddresses> one : all) {
        addresses.addAll(one.get(120, TimeUnit.SECONDS).addresses());
      }
      assertThat(addresses).hasSize(50).doesNotHaveDuplicates();
      assertThat(never.isDone()).as("it hangs all the while").isFalse();
      never.cancel(true);
      List<Future<?>> releases = new ArrayList<>();
      for (Namespace pod : pods) {
        releases.add(executor.submit(() -> detach(pod)));
      }
      for (Future<?> one : releases) {
        one.get(120, TimeUnit.SECONDS);
      }
    }
    networks.detach(hung.id, Optional.of(hungPlan), Optional.of(hung.path), soon());
    assertThat(leased()).isEmpty();
  }
}
