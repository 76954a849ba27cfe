package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.network.PodNetworkRequest.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADD, DEL and CHECK with plugins that are shell scripts. */
final class CniNetworksTest {
  private static final ContainerId ID = FakePlugins.id('a');
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final FakePlugins plugins;
  private final CniNetworks networks;

  CniNetworksTest(@TempDir Path folder) throws IOException {
    plugins = new FakePlugins(folder);
    plugins.plugin("bridge", "echo '" + FakePlugins.RESULT + "'");
    plugins.plugin("portmap", "case $CNI_COMMAND in ADD) echo '" + FakePlugins.RESULT + "';; esac");
    plugins.config("10-pods.conflist", conflist("pods", "1.0.0"));
    networks = plugins.open();
  }

  @BeforeEach
  void ready() {
    assertThat(networks.await(NetworkStatus::ready, soon())).as("%s", networks.status()).isTrue();
  }

  @AfterEach
  void close() {
    networks.close();
  }

  private static String conflist(String name, String version) {
    return """
    {"cniVersion":"%s","name":"%s","plugins":[
      {"type":"bridge","capabilities":{"dns":true},"x":1},
      {"type":"portmap","capabilities":{"portMappings":true}}]}
    """
        .formatted(version, name);
  }

  private static Deadline soon() {
    return Deadline.in(PATIENCE);
  }

  private static PodNetworkRequest request(ContainerId id) {
    return new PodNetworkRequest(
        id,
        "default",
        "web",
        "uid-1",
        List.of(new HostPort(8080, 80, "tcp", "")),
        OptionalLong.of(1_000_000),
        OptionalLong.empty(),
        List.of("10.0.0.10"),
        List.of(),
        List.of());
  }

  private NetworkPlan plan() {
    return networks.plan(request(ID));
  }

  private PodAddresses attach() {
    return networks.attach(plan(), plugins.netns(), soon());
  }

  private void detach() {
    networks.detach(ID, Optional.empty(), Optional.of(plugins.netns()), soon());
  }

  private List<String> cacheFiles() throws IOException {
    if (!Files.exists(plugins.results())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(plugins.results())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertFails(Kind kind, ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .message()
        .contains(parts);
  }

  @Test
  void addRunsLoopbackAndTheChainOnceEachAndGivesTheAddresses() throws Exception {
    assertThat(attach().addresses()).containsExactly("10.5.0.9", "fd05::9");
    assertThat(plugins.log("ADD"))
        .containsExactly("ADD loopback a", "ADD bridge a", "ADD portmap a");
    assertThat(cacheFiles()).containsExactly("pods-" + ID + "-eth0");
    assertThat(networks.cached(ID)).contains(new PodAddresses(List.of("10.5.0.9", "fd05::9")));
  }

  @Test
  void aPluginIsToldAllThatTheSpecificationWants() throws Exception {
    attach();
    Map<String, String> environment = plugins.environment("ADD", "portmap", ID);
    assertThat(environment)
        .containsEntry("CNI_COMMAND", "ADD")
        .containsEntry("CNI_CONTAINERID", ID.value())
        .containsEntry("CNI_NETNS", plugins.netns().toString())
        .containsEntry("CNI_IFNAME", "eth0")
        .containsEntry("CNI_PATH", plugins.bin().toString())
        .containsEntry(
            "CNI_ARGS",
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID="
                + ID
                + ";K8S_POD_UID=uid-1")
        .containsKey("PATH");
    JsonNode bridge = plugins.input("ADD", "bridge", ID);
    assertThat(bridge.path("runtimeConfig").toString())
        .isEqualTo("{\"dns\":{\"servers\":[\"10.0.0.10\"],\"searches\":[],\"options\":[]}}");
    assertThat(bridge.has("prevResult")).isFalse();
    assertThat(bridge.path("name").asText()).isEqualTo("pods");
    assertThat(bridge.path("cniVersion").asText()).isEqualTo("1.0.0");
    assertThat(bridge.path("x").asInt()).isEqualTo(1);
    JsonNode portmap = plugins.input("ADD", "portmap", ID);
    assertThat(portmap.path("runtimeConfig").toString())
        .isEqualTo(
            """
            {"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""}]}\
            """);
    assertThat(portmap.path("prevResult")).isEqualTo(Json.parseObject(FakePlugins.RESULT));
    assertThat(plugins.environment("ADD", "loopback", ID)).containsEntry("CNI_IFNAME", "lo");
    assertThat(plugins.input("ADD", "loopback", ID).toString())
        .isEqualTo("{\"type\":\"loopback\",\"cniVersion\":\"1.1.0\",\"name\":\"cni-loopback\"}");
  }

  @Test
  void delRunsInReverseWithWhatAddUsedThoughTheConfigurationHasChanged() throws Exception {
    attach();
    plugins.config("10-pods.conflist", FakePlugins.list("other", "1.0.0", "portmap"));
    assertThat(networks.await(status -> status.networkName().equals("other"), soon())).isTrue();
    detach();
    assertThat(plugins.log("DEL"))
        .containsExactly("DEL portmap a", "DEL bridge a", "DEL loopback a");
    JsonNode bridge = plugins.input("DEL", "bridge", ID);
    assertThat(bridge.path("name").asText()).isEqualTo("pods");
    assertThat(bridge.path("prevResult")).isEqualTo(Json.parseObject(FakePlugins.RESULT));
    assertThat(plugins.input("DEL", "portmap", ID).path("runtimeConfig").has("portMappings"))
        .isTrue();
    assertThat(plugins.environment("DEL", "bridge", ID).get("CNI_ARGS"))
        .contains("K8S_POD_UID=uid-1");
    assertThat(cacheFiles()).isEmpty();
    assertThat(networks.cached(ID)).isEmpty();
  }

  @Test
  void delWorksWithoutAnyConfigurationInForce() throws Exception {
    attach();
    Files.delete(plugins.conf().resolve("10-pods.conflist"));
    assertThat(networks.await(status -> !status.ready(), soon())).isTrue();
    detach();
    assertThat(plugins.log("DEL")).hasSize(3);
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void delWithoutNamespacePassesNoneAndLeavesTheLoopbackAlone() throws Exception {
    attach();
    networks.detach(ID, Optional.empty(), Optional.empty(), soon());
    assertThat(plugins.log("DEL")).containsExactly("DEL portmap a", "DEL bridge a");
    assertThat(plugins.environment("DEL", "bridge", ID)).containsEntry("CNI_NETNS", "");
  }

  @Test
  void aNamespaceThatHasGoneIsPassedAsNone() throws Exception {
    attach();
    Files.delete(plugins.netns());
    detach();
    assertThat(plugins.environment("DEL", "bridge", ID)).containsEntry("CNI_NETNS", "");
  }

  @Test
  void theHostsOwnNamespaceIsNeverTouched() throws Exception {
    Path host = Path.of("/proc/self/ns/net");
    NetworkPlan plan = plan();
    assertFails(
        Kind.INTERNAL, () -> networks.attach(plan, host, soon()), "host's network namespace");
    assertThat(plugins.log("ADD")).isEmpty();
    attach();
    networks.detach(ID, Optional.empty(), Optional.of(host), soon());
    assertThat(plugins.environment("DEL", "bridge", ID)).containsEntry("CNI_NETNS", "");
  }

  @Test
  void aNamespaceThatIsNotThereIsNamedBeforeAnythingRuns() {
    NetworkPlan plan = plan();
    assertFails(
        Kind.NOT_READY,
        () -> networks.attach(plan, Path.of("/nowhere/ns"), soon()),
        "no namespace /nowhere/ns");
    assertThat(plugins.log("ADD")).isEmpty();
  }

  @Test
  void afterACrashBeforeTheCacheThePlanIsUsed() throws Exception {
    NetworkPlan plan = plan();
    Files.delete(plugins.conf().resolve("10-pods.conflist"));
    networks.detach(ID, Optional.of(plan), Optional.of(plugins.netns()), soon());
    assertThat(plugins.log("DEL"))
        .containsExactly("DEL portmap a", "DEL bridge a", "DEL loopback a");
    JsonNode portmap = plugins.input("DEL", "portmap", ID);
    assertThat(portmap.has("prevResult")).isFalse();
    assertThat(portmap.path("runtimeConfig").has("portMappings")).isTrue();
  }

  @Test
  void aSandboxOfWhichNothingIsKnownIsReleasedWithTheConfigurationInForce() throws Exception {
    detach();
    assertThat(plugins.log("DEL"))
        .containsExactly("DEL portmap a", "DEL bridge a", "DEL loopback a");
    assertThat(plugins.environment("DEL", "bridge", ID).get("CNI_ARGS"))
        .isEqualTo("IgnoreUnknown=1;K8S_POD_INFRA_CONTAINER_ID=" + ID);
  }

  @Test
  void aSandboxOfWhichNothingIsKnownAtAllNeedsNoRelease() throws Exception {
    Files.delete(plugins.conf().resolve("10-pods.conflist"));
    assertThat(networks.await(status -> !status.ready(), soon())).isTrue();
    networks.detach(ID, Optional.empty(), Optional.empty(), soon());
    assertThat(plugins.log("DEL")).isEmpty();
  }

  @Test
  void delCanBeRepeated() throws Exception {
    attach();
    detach();
    detach();
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void whatCriDockerdAddedIsDeletedWithItsCacheFiles() throws Exception {
    attach();
    Path file = plugins.results().resolve("pods-" + ID + "-eth0");
    Files.copy(file, plugins.results().resolve("cni-loopback-" + ID + "-eth0"));
    Files.writeString(
        plugins.results().resolve("cni-loopback-" + ID + "-eth0"),
        "{\"kind\":\"cniCacheV1\",\"containerId\":\"%s\",\"config\":\"\",\"ifName\":\"eth0\",\"networkName\":\"cni-loopback\",\"result\":{\"ips\":[{\"address\":\"127.0.0.1/8\"}]}}"
            .formatted(ID));
    assertThat(networks.cached(ID).orElseThrow().addresses()).first().isEqualTo("10.5.0.9");
    detach();
    assertThat(plugins.log("DEL"))
        .containsExactly("DEL portmap a", "DEL bridge a", "DEL loopback a");
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aPluginThatFailsAtAddIsToldAndNothingIsCached() throws Exception {
    plugins.plugin("portmap", "echo '{\"code\":100,\"msg\":\"port taken\"}'; exit 1");
    assertFails(
        Kind.INTERNAL,
        this::attach,
        "cannot attach sandbox " + ID + " to network pods",
        "plugin portmap, ADD for sandbox aaaaaaaaaaaa on network pods",
        "port taken");
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aPluginThatPrintsRubbishAtAddIsTold() {
    plugins.plugin("bridge", "echo hello");
    assertFails(Kind.INTERNAL, this::attach, "plugin bridge, ADD", "printed \"hello\"");
  }

  @Test
  void aResultWithoutAddressesIsAnErrorAndStillCachedForDel() throws Exception {
    plugins.plugin("portmap", "echo '{\"cniVersion\":\"1.0.0\",\"ips\":[]}'");
    assertFails(Kind.INTERNAL, this::attach, "no IP address");
    assertThat(cacheFiles()).containsExactly("pods-" + ID + "-eth0");
    assertThat(networks.cached(ID)).isEmpty();
  }

  @Test
  void aLoopbackPluginThatHasGoneIsNamed() throws Exception {
    NetworkPlan plan = plan();
    Files.delete(plugins.bin().resolve("loopback"));
    assertFails(
        Kind.NOT_READY,
        () -> networks.attach(plan, plugins.netns(), soon()),
        "plugin loopback is not in " + plugins.bin());
  }

  @Test
  void aPluginThatHasGoneKeepsDelRetriable() throws Exception {
    attach();
    Files.delete(plugins.bin().resolve("bridge"));
    assertFails(
        Kind.NOT_READY, this::detach, "DEL for sandbox", "on network pods", "plugin bridge is not");
    assertThat(cacheFiles()).hasSize(1);
    plugins.plugin("bridge", "exit 0");
    detach();
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aPluginThatFailsAtDelKeepsTheRestAndTheCache() throws Exception {
    attach();
    plugins.plugin("portmap", "echo '{\"code\":100,\"msg\":\"iptables is locked\"}'; exit 1");
    assertFails(Kind.INTERNAL, this::detach, "iptables is locked");
    assertThat(plugins.log("DEL")).containsExactly("DEL portmap a");
    assertThat(cacheFiles()).hasSize(1);
  }

  @Test
  void aPluginThatMissesTheNamespaceIsCalledAgainWithoutIt() throws Exception {
    attach();
    plugins.plugin(
        "portmap",
        """
        test -z "$CNI_NETNS" && exit 0
        echo '{"code":100,"msg":"failed to open netns \\"/x\\": no such file or directory"}'
        exit 1
        """);
    detach();
    assertThat(plugins.log("DEL"))
        .containsExactly("DEL portmap a", "DEL portmap a", "DEL bridge a", "DEL loopback a");
  }

  @Test
  void aPluginThatMissesTheNamespaceOrTheContainerHasNothingToDelete() throws Exception {
    attach();
    plugins.plugin(
        "portmap",
        "echo '{\"code\":100,\"msg\":\"open netns: no such file or directory\"}'; exit 1");
    plugins.plugin("bridge", "echo '{\"code\":3,\"msg\":\"unknown container\"}'; exit 1");
    networks.detach(ID, Optional.empty(), Optional.empty(), soon());
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void anotherMissingFileIsAFailure() throws Exception {
    attach();
    plugins.plugin(
        "portmap",
        "echo '{\"code\":100,\"msg\":\"open kubeconfig: no such file or directory\"}'; exit 1");
    assertFails(Kind.INTERNAL, this::detach, "open kubeconfig");
  }

  @Test
  void aLoopbackThatFailsAtDelKeepsNothing() throws Exception {
    attach();
    plugins.plugin("loopback", "exit 1");
    detach();
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aBrokenCacheFileDoesNotKeepThePlanFromBeingUsed() throws Exception {
    NetworkPlan plan = plan();
    attach();
    Files.writeString(plugins.results().resolve("pods-" + ID + "-eth0"), "{\"kind\"");
    networks.detach(ID, Optional.of(plan), Optional.empty(), soon());
    assertThat(plugins.log("DEL")).containsExactly("DEL portmap a", "DEL bridge a");
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aBareResultOfOldLibcniIsDeletedWithTheConfigurationInForceOrNotAtAll() throws Exception {
    Path file = Files.createDirectories(plugins.results()).resolve("pods-" + ID + "-eth0");
    Files.writeString(file, FakePlugins.RESULT);
    assertThat(networks.cached(ID).orElseThrow().addresses()).first().isEqualTo("10.5.0.9");
    Path conf = plugins.conf().resolve("10-pods.conflist");
    Path aside = Files.move(conf, plugins.conf().resolve("aside"));
    assertThat(networks.await(status -> !status.ready(), soon())).isTrue();
    assertFails(Kind.NOT_READY, this::detach, file.toString(), "put one back");
    Files.move(aside, conf);
    assertThat(networks.await(NetworkStatus::ready, soon())).isTrue();
    detach();
    assertThat(plugins.input("DEL", "bridge", ID).path("prevResult"))
        .isEqualTo(Json.parseObject(FakePlugins.RESULT));
  }

  @Test
  void olderVersionsGetNoPreviousResultAtDelAndNoCheck() throws Exception {
    plugins.config("10-pods.conflist", conflist("old", "0.3.1"));
    assertThat(networks.await(status -> status.networkName().equals("old"), soon())).isTrue();
    attach();
    networks.check(ID, plugins.netns(), soon());
    assertThat(plugins.log("CHECK")).isEmpty();
    detach();
    assertThat(plugins.input("DEL", "bridge", ID).has("prevResult")).isFalse();
  }

  @Test
  void checkRunsTheChainWithTheResultOfAdd() throws Exception {
    attach();
    networks.check(ID, plugins.netns(), soon());
    assertThat(plugins.log("CHECK")).containsExactly("CHECK bridge a", "CHECK portmap a");
    assertThat(plugins.input("CHECK", "bridge", ID).path("prevResult"))
        .isEqualTo(Json.parseObject(FakePlugins.RESULT));
  }

  @Test
  void checkTellsWhatIsWrong() {
    attach();
    plugins.plugin("bridge", "echo '{\"code\":100,\"msg\":\"veth is gone\"}'; exit 1");
    assertFails(
        Kind.INTERNAL, () -> networks.check(ID, plugins.netns(), soon()), "veth is gone", "CHECK");
  }

  @Test
  void checkIsNotRunWhereTheNetworkForbidsIt() throws Exception {
    plugins.config(
        "10-pods.conflist",
        "{\"disableCheck\":true,\"cniVersion\":\"1.0.0\",\"name\":\"n\","
            + "\"plugins\":[{\"type\":\"bridge\"}]}");
    assertThat(networks.await(status -> status.networkName().equals("n"), soon())).isTrue();
    attach();
    networks.check(ID, plugins.netns(), soon());
    assertThat(plugins.log("CHECK")).isEmpty();
  }

  @Test
  void whatWasNeverAttachedCannotBeChecked() {
    assertFails(
        Kind.NOT_FOUND, () -> networks.check(ID, plugins.netns(), soon()), "left no result");
  }

  @Test
  void aHungPluginIsKilledAtTheDeadline() throws Exception {
    NetworkPlan plan = plan();
    plugins.plugin("loopback", "exec sleep 1000");
    assertFails(
        Kind.TIMED_OUT,
        () -> networks.attach(plan, plugins.netns(), Deadline.in(SHORT)),
        "plugin loopback, ADD",
        "was killed");
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void delWaitsForAddOfTheSameSandboxUntilItsDeadline() throws Exception {
    Path flag = plugins.netns().resolveSibling("go");
    plugins.plugin(
        "portmap", "while ! test -e %s; do :; done; echo '%s'".formatted(flag, FakePlugins.RESULT));
    NetworkPlan plan = plan();
    Thread add = Thread.ofVirtual().start(() -> networks.attach(plan, plugins.netns(), soon()));
    Deadline deadline = soon();
    while (!plugins.log().contains("ADD portmap a")) {
      assertThat(deadline.passed()).isFalse();
      Thread.onSpinWait();
    }
    assertFails(
        Kind.TIMED_OUT,
        () -> networks.detach(ID, Optional.of(plan), Optional.empty(), Deadline.in(SHORT)),
        "the network of sandbox " + ID);
    assertThat(plugins.log("DEL")).isEmpty();
    Files.createFile(flag);
    networks.detach(ID, Optional.of(plan), Optional.empty(), soon());
    add.join();
    assertThat(plugins.log("ADD", "DEL"))
        .endsWith("ADD portmap a", "DEL portmap a", "DEL bridge a");
    assertThat(cacheFiles()).isEmpty();
  }

  @Test
  void aFullDiskAfterAddIsNamed() throws Exception {
    Files.createDirectories(plugins.cache());
    Files.writeString(plugins.results(), "a file in the folder's place");
    assertFails(Kind.UNAVAILABLE, this::attach, plugins.results().toString());
    assertThat(networks.cached(ID)).isEmpty();
  }

  @Test
  void aPlanThatIsBrokenIsNamed() {
    NetworkPlan broken = new NetworkPlan(ID, "pods", "eth0", "{", Map.of(), "{}");
    assertFails(
        Kind.INTERNAL, () -> networks.attach(broken, plugins.netns(), soon()), ID.value(), "JSON");
  }
}
