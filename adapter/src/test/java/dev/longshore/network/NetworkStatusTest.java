package dev.longshore.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which configuration is in force, and what the node says of its network. */
final class NetworkStatusTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration MOMENT = Duration.ofMillis(200);

  private final FakePlugins plugins;
  private final Path root;
  private @Nullable CniNetworks networks;

  NetworkStatusTest(@TempDir Path folder) throws IOException {
    root = folder;
    plugins = new FakePlugins(folder);
    plugins.plugin("bridge", "exit 0");
    plugins.plugin("portmap", "exit 0");
  }

  @AfterEach
  void close() {
    if (networks != null) {
      networks.close();
    }
  }

  private NetworkStatus open() {
    networks = plugins.open();
    return await(status -> !status.message().contains("not been read"));
  }

  private NetworkStatus await(Predicate<NetworkStatus> wanted) {
    CniNetworks opened = requireNonNull(networks);
    assertThat(opened.await(wanted, Deadline.in(PATIENCE))).as("%s", opened.status()).isTrue();
    return opened.status();
  }

  private NetworkStatus awaitNetwork(String name) {
    return await(status -> status.ready() && status.networkName().equals(name));
  }

  private NetworkStatus awaitNotReady() {
    return await(status -> !status.ready());
  }

  private static String pods(String name) {
    return FakePlugins.list(name, "1.0.0", "bridge", "portmap");
  }

  @Test
  void aFolderWithoutConfigurationIsNotReadyWithTheWordsToolsLookFor() {
    NetworkStatus status = open();
    assertThat(status.ready()).isFalse();
    assertThat(status.reason()).isEqualTo("NetworkPluginNotReady");
    assertThat(status.message())
        .startsWith("cni config uninitialized: ")
        .contains(plugins.conf().toString());
  }

  @Test
  void aListIsInForceWithItsFileAndName() {
    plugins.config("10-a.conflist", pods("a"));
    assertThat(open())
        .isEqualTo(
            new NetworkStatus(
                true, "", "", plugins.conf().resolve("10-a.conflist").toString(), "a", List.of()));
  }

  @Test
  void theFirstValidFileByNameWinsAndTheOthersAreToldOf() {
    plugins.config("05-readme.txt", "hello");
    plugins.config(".06-draft.conflist", pods("draft"));
    plugins.config("10-rubbish.conflist", "{");
    plugins.config("20-none.conf", "{\"name\":\"x\",\"plugins\":[]}");
    plugins.config("30-missing.conflist", FakePlugins.list("m", "1.0.0", "absent"));
    plugins.config("40-old.conflist", FakePlugins.list("o", "0.9.9", "bridge"));
    plugins.config("45-empty.conflist", "{\"name\":\"e\",\"cniVersion\":\"1.0.0\"}");
    plugins.config(
        "50-single.json", "{\"cniVersion\":\"0.4.0\",\"name\":\"s\",\"type\":\"bridge\"}");
    plugins.config("60-b.conflist", pods("b"));
    NetworkStatus status = open();
    assertThat(status.ready()).isTrue();
    assertThat(status.networkName()).isEqualTo("s");
    assertThat(status.warnings()).hasSize(5);
    assertThat(status.warnings().get(0)).contains("10-rubbish.conflist", "not JSON");
    assertThat(status.warnings().get(1)).contains("20-none.conf", "must be named .conflist");
    assertThat(status.warnings().get(2)).contains("30-missing.conflist", "plugin absent is not in");
    assertThat(status.warnings().get(3)).contains("40-old.conflist", "bridge speaks CNI");
    assertThat(status.warnings().get(4)).contains("45-empty.conflist", "no plugins");
  }

  @Test
  void whyNoFileIsValidStandsInTheMessage() {
    plugins.config("10-a.conflist", "{");
    assertThat(open().message())
        .startsWith("cni config uninitialized: no valid file in")
        .contains("10-a.conflist", "not JSON");
  }

  @Test
  void aPluginThatIsNotExecutableIsNamed() throws Exception {
    Files.setPosixFilePermissions(
        plugins.bin().resolve("bridge"), PosixFilePermissions.fromString("rw-r--r--"));
    plugins.config("10-a.conflist", pods("a"));
    assertThat(open().message()).contains("bridge is not executable");
  }

  @Test
  void anEmptyPluginFileIsNoPlugin() throws Exception {
    Files.writeString(plugins.bin().resolve("bridge"), "");
    plugins.config("10-a.conflist", pods("a"));
    assertThat(open().message()).contains("bridge is neither a program nor a script");
  }

  @Test
  void aPluginThatFailsAtTellingItsVersionsIsNamed() {
    plugins.script("bridge", "echo oops >&2; exit 1\n");
    plugins.config("10-a.conflist", pods("a"));
    assertThat(open().message()).contains("plugin bridge, VERSION", "\"oops\"");
  }

  @Test
  void aPluginFromBeforeTheVerbSpeaksTheOldestVersion() {
    plugins.script(
        "bridge", "echo '{\"code\":4,\"msg\":\"unknown CNI_COMMAND: VERSION\"}'; exit 1\n");
    plugins.config("10-a.conflist", "{\"name\":\"a\",\"plugins\":[{\"type\":\"bridge\"}]}");
    assertThat(open().networkName()).isEqualTo("a");
  }

  @Test
  void withoutTheLoopbackPluginNoPodCanBeAttached() throws Exception {
    plugins.config("10-a.conflist", pods("a"));
    Files.delete(plugins.bin().resolve("loopback"));
    assertThat(open().message()).contains("plugin loopback is not in");
    plugins.plugin("loopback", "exit 0");
    awaitNetwork("a");
  }

  @Test
  void eachPluginIsAskedForItsVersionsOnceUntilItsFileChanges() {
    plugins.config("10-a.conflist", pods("a"));
    open();
    plugins.config("10-a.conflist", pods("b"));
    awaitNetwork("b");
    assertThat(plugins.log())
        .containsExactlyInAnyOrder("VERSION bridge", "VERSION portmap", "VERSION loopback");
    plugins.plugin("bridge", "0.4.0", "exit 0");
    assertThat(awaitNotReady().message()).contains("bridge speaks CNI [0.4.0], not [1.0.0]");
    assertThat(plugins.log()).hasSize(4);
  }

  @Test
  void theNewestVersionThatAllPluginsSpeakIsChosen() {
    plugins.plugin("portmap", "0.4.0 1.0.0", "exit 0");
    plugins.config(
        "10-a.conflist",
        "{\"cniVersions\":[\"0.4.0\",\"1.0.0\",\"1.1.0\"],\"name\":\"a\",\"plugins\":"
            + "[{\"type\":\"bridge\"},{\"type\":\"portmap\"}]}");
    open();
    assertThat(plan().configList()).contains("\"cniVersion\":\"1.0.0\"").doesNotContain("1.1.0");
  }

  @Test
  void pluginsInTheNetworksFolderBelongToItsChain() throws Exception {
    Path folder = Files.createDirectories(plugins.conf().resolve("a"));
    Files.writeString(folder.resolve("10-x.conf"), "{\"type\":\"portmap\",\"k\":1}");
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.1.0", "bridge"));
    open();
    assertThat(plan().configList())
        .contains("{\"type\":\"bridge\"},{\"type\":\"portmap\",\"k\":1}");
    Files.delete(folder.resolve("10-x.conf"));
    await(_ -> !plan().configList().contains("portmap"));
  }

  @Test
  void aNetworkThatWantsThemInlineOnlyIgnoresItsFolder() throws Exception {
    Path folder = Files.createDirectories(plugins.conf().resolve("a"));
    Files.writeString(folder.resolve("10-x.conf"), "{\"type\":\"absent\"}");
    plugins.config(
        "10-a.conflist",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"a\",\"loadOnlyInlinedPlugins\":true,"
            + "\"plugins\":[{\"type\":\"bridge\"}]}");
    assertThat(open().networkName()).isEqualTo("a");
  }

  @Test
  void itTurnsNotReadyWhenTheConfigurationGoesAndReadyWhenItComesBack() throws Exception {
    Path file = plugins.config("10-a.conflist", pods("a"));
    assertThat(open().ready()).isTrue();
    Files.delete(file);
    assertThat(awaitNotReady().message()).contains("cni config uninitialized");
    assertThatThrownBy(this::plan)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContaining("cni config uninitialized");
    plugins.config("10-a.conflist", pods("a"));
    awaitNetwork("a");
  }

  @Test
  void aMomentOfTroubleDoesNotLetAnotherFileWin() {
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.0.0", "bridge"));
    plugins.config("20-z.conflist", FakePlugins.list("z", "1.0.0", "portmap"));
    open();
    plugins.script(
        "bridge",
        """
        echo "try" >> %1$s/tries
        test "$(wc -l < %1$s/tries)" -gt 1 || exit 1
        echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}'
        """
            .formatted(root));
    Set<String> seen = new HashSet<>();
    await(
        status -> {
          seen.add(status.networkName());
          return root.resolve("tries").toFile().length() > "try\n".length();
        });
    plugins.config("10-a.conflist", FakePlugins.list("b", "1.0.0", "bridge"));
    await(
        status -> {
          seen.add(status.networkName());
          return status.networkName().equals("b");
        });
    assertThat(seen).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aFileReplacedByRenamingIsNoticed() throws Exception {
    plugins.config("10-a.conflist", pods("a"));
    open();
    Path draft = Files.writeString(plugins.conf().resolve("draft"), pods("b"));
    Files.move(draft, plugins.conf().resolve("10-a.conflist"), StandardCopyOption.ATOMIC_MOVE);
    awaitNetwork("b");
  }

  @Test
  void aConfigMapsLinkThatIsTurnedIsNoticed() throws Exception {
    Path first = Files.createDirectories(plugins.conf().resolve("..v1"));
    Path second = Files.createDirectories(plugins.conf().resolve("..v2"));
    Files.writeString(first.resolve("10-a.conflist"), pods("a"));
    Files.writeString(second.resolve("10-a.conflist"), pods("b"));
    Files.createSymbolicLink(plugins.conf().resolve("..data"), Path.of("..v1"));
    Files.createSymbolicLink(
        plugins.conf().resolve("10-a.conflist"), Path.of("..data/10-a.conflist"));
    assertThat(open().networkName()).isEqualTo("a");
    Path turned = Files.createSymbolicLink(plugins.conf().resolve("..data_tmp"), Path.of("..v2"));
    Files.move(turned, plugins.conf().resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    awaitNetwork("b");
  }

  @Test
  void aLinkToAFileElsewhereIsFollowedThere() throws Exception {
    Path elsewhere = Files.createDirectories(root.resolve("opt/x"));
    Files.createSymbolicLink(plugins.conf().resolve("10-a.conflist"), elsewhere.resolve("a.json"));
    assertThat(open().ready()).isFalse();
    Files.writeString(elsewhere.resolve("a.json"), pods("a"));
    awaitNetwork("a");
    Files.writeString(elsewhere.resolve("a.json"), pods("b"));
    awaitNetwork("b");
  }

  @Test
  void aFolderThatComesLaterGoesAndComesAgainIsNoticed() throws Exception {
    Files.delete(plugins.conf());
    assertThat(open().message()).contains("cni config uninitialized");
    Files.createDirectories(plugins.conf());
    plugins.config("10-a.conflist", pods("a"));
    awaitNetwork("a");
    Path aside = Files.move(plugins.conf(), root.resolve("aside"));
    awaitNotReady();
    Files.move(aside, plugins.conf());
    awaitNetwork("a");
    Files.delete(plugins.conf().resolve("10-a.conflist"));
    Files.delete(plugins.conf());
    awaitNotReady();
    Files.createDirectories(plugins.conf());
    plugins.config("10-b.conflist", pods("b"));
    awaitNetwork("b");
  }

  @Test
  void aFileInTheFoldersPlaceIsToldOf() throws Exception {
    Files.delete(plugins.conf());
    Files.writeString(plugins.conf(), "");
    assertThat(open().message()).contains("cannot read " + plugins.conf());
  }

  @Test
  void aPluginThatIsInstalledLaterIsNoticed() throws Exception {
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.0.0", "late"));
    assertThat(open().ready()).isFalse();
    plugins.plugin("late", "exit 0");
    awaitNetwork("a");
    Files.delete(plugins.bin().resolve("late"));
    assertThat(awaitNotReady().message()).contains("plugin late is not in");
  }

  @Test
  void nothingRunsWhileNothingChanges() {
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.0.0", "bridge"));
    open();
    int runs = plugins.log().size();
    CniNetworks opened = requireNonNull(networks);
    assertThat(opened.await(status -> !status.ready(), Deadline.in(MOMENT))).isFalse();
    assertThat(plugins.log()).hasSize(runs);
  }

  @Test
  void aNetworkThatHandsOutThePodCidrWaitsForIt() {
    plugins.config(
        "10-a.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"plugins\":"
            + "[{\"type\":\"bridge\",\"capabilities\":{\"ipRanges\":true}}]}");
    assertThat(open().message()).contains("cni config uninitialized", "ipRanges");
    CniNetworks opened = requireNonNull(networks);
    opened.podCidr("");
    assertThat(opened.status().ready()).isFalse();
    opened.podCidr("10.7.0.0/24");
    assertThat(opened.status().ready()).isTrue();
    assertThat(plan().capabilityArgs())
        .isEqualTo("{\"ipRanges\":[[{\"subnet\":\"10.7.0.0/24\"}]]}");
  }

  @Test
  void aPluginThatSaysItCannotServeMakesTheNetworkNotReadyUntilItCan() throws Exception {
    Path flag = Files.writeString(root.resolve("broken"), "");
    plugins.plugin(
        "bridge",
        "test ! -e %s || { echo '{\"code\":50,\"msg\":\"agent is down\"}'; exit 1; }"
            .formatted(flag));
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.1.0", "bridge"));
    networks = plugins.open(MOMENT);
    NetworkStatus status = await(it -> it.message().contains("agent is down"));
    assertThat(status.ready()).isFalse();
    assertThat(status.reason()).isEqualTo("NetworkPluginNotReady");
    assertThat(status.networkName()).isEqualTo("a");
    assertThat(plan().networkName()).as("ADD is not forbidden").isEqualTo("a");
    Files.delete(flag);
    awaitNetwork("a");
  }

  @Test
  void statusIsNotAskedOfVersionsThatLackIt() {
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.0.0", "bridge"));
    networks = plugins.open(Duration.ofMillis(1));
    awaitNetwork("a");
    assertThat(networks.await(status -> !status.ready(), Deadline.in(MOMENT))).isFalse();
    assertThat(plugins.log("STATUS")).isEmpty();
  }

  @Test
  void aPluginThatDoesNotKnowTheVerbIsFine() {
    plugins.plugin("bridge", "echo '{\"code\":4,\"msg\":\"unknown CNI_COMMAND: STATUS\"}'; exit 1");
    plugins.config("10-a.conflist", FakePlugins.list("a", "1.1.0", "bridge"));
    networks = plugins.open(Duration.ofMillis(1));
    await(_ -> plugins.log("STATUS").size() > 1);
    assertThat(networks.status().ready()).isTrue();
  }

  private NetworkPlan plan() {
    return requireNonNull(networks).plan(FakePlugins.pod(FakePlugins.id('a')));
  }
}
