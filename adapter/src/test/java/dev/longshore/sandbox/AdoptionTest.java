package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.EngineState;
import dev.longshore.network.FakePodNetworks.Verb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdoptionTest extends SandboxRig {
  private static final String NAME = "k8s_POD_web-0_default_7c1e_3";

  @Test
  void aSandboxOfAnotherRuntimeIsReadyWithTheAddressOfTheCniCache() {
    node.close();
    ContainerId id = old(NAME, "none");
    network.putCached(id, "10.1.9.9", "fd00::9");
    restart();
    PodSandboxStatus status = node.status(id.value()).getStatus();
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getNetwork().getIp()).isEqualTo("10.1.9.9");
    assertThat(status.getNetwork().getAdditionalIps(0).getIp()).isEqualTo("fd00::9");
    assertThat(status.getMetadata().getAttempt()).isEqualTo(3);
    assertThat(status.getLabelsMap()).containsOnly(Map.entry("app", "web"));
    assertThat(status.getAnnotationsMap()).containsOnly(Map.entry("note", "x"));
    assertThat(status.getRuntimeHandler()).isEmpty();
    assertThat(runs(id)).isTrue();

    node.stop(id.value());
    node.remove(id.value());
    assertNothingLeft();
  }

  @Test
  void aSecondConnectionFindsTheRecordOfTheFirst() {
    node.close();
    ContainerId id = old(NAME, "none");
    network.putCached(id, "10.1.9.9");
    restart();
    network.detach(id, java.util.Optional.empty(), java.util.Optional.empty(), Node.soon());
    restart();
    assertThat(node.ip(id)).isEqualTo("10.1.9.9");
  }

  @Test
  void withoutACacheTheAddressIsReadFromTheNamespace() throws Exception {
    node.close();
    ContainerId id = old(NAME, "none");
    procfs(id);
    restart();
    assertThat(node.ip(id)).isEqualTo("10.88.0.7");
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
  }

  @Test
  void aSandboxOnDockersOwnBridgeIsAdoptedAndLeftToDocker() throws Exception {
    node.close();
    ContainerId id = old(NAME, "default");
    procfs(id);
    restart();
    assertThat(node.ip(id)).isEqualTo("10.88.0.7");
    node.stop(id.value());
    node.remove(id.value());
    assertNothingLeft();
    assertThat(network.calls()).isEmpty();
  }

  @Test
  void aSandboxOnTheNodesNetworkIsReadyWithoutAnAddress() {
    node.close();
    ContainerId id = old(NAME, "host");
    restart();
    PodSandboxStatus status = node.status(id.value()).getStatus();
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getNetwork().getIp()).isEmpty();
    assertThat(status.getLinux().getNamespaces().getOptions().getNetwork())
        .isEqualTo(NamespaceMode.NODE);
    assertThat(recordFiles()).containsExactly(id.value());
  }

  @Test
  void aSandboxWithoutAnyAddressIsNotReadyAndNotTouched() {
    node.close();
    ContainerId id = old(NAME, "none");
    restart();
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());
    assertThat(runs(id)).isTrue();
    assertThat(network.calls(Verb.DETACH)).isEmpty();
  }

  @Test
  void aDeadSandboxesNetworkIsReleased() {
    node.close();
    ContainerId id = old(NAME, "none");
    network.putCached(id, "10.1.9.9");
    docker.exit(id.value(), 137);
    restart();
    Eventually.until("the address is free", () -> network.attached().isEmpty());
    Eventually.until("the record says so", () -> recordText(id).contains("RELEASED"));
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());
  }

  @Test
  void aSandboxWhoseRecordWasDamagedIsFoundAgain() throws Exception {
    ContainerId id = node.run(Requests.run("web-0"));
    String ip = node.ip(id);
    node.close();
    Files.writeString(disk.resolve("sandbox").resolve(id.value()), "{");
    restart();
    assertThat(node.ip(id)).isEqualTo(ip);
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
    assertThat(recordFiles()).containsExactlyInAnyOrder(id.value(), id.value() + ".unreadable");
  }

  private String recordText(ContainerId id) {
    try {
      return Files.readString(disk.resolve("sandbox").resolve(id.value()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As dockershim and cri-dockerd made them, which had no hidden label. */
  private ContainerId old(String name, String networkMode) {
    Map<String, String> labels = new HashMap<>();
    labels.put("io.kubernetes.docker.type", "podsandbox");
    labels.put("io.kubernetes.container.name", "POD");
    labels.put("annotation.note", "x");
    labels.put("app", "web");
    ContainerId id = docker.createBehind(spec(name, networkMode, labels));
    docker.startBehind(id.value());
    return id;
  }

  private void procfs(ContainerId id) throws IOException {
    if (docker.peek(id.value()).orElseThrow().state() instanceof EngineState.Running running) {
      Path net =
          Files.createDirectories(
              disk.resolve("proc").resolve(Integer.toString(running.pid())).resolve("net"));
      Files.writeString(
          net.resolve("fib_trie"),
          """
          Local:
            +-- 0.0.0.0/0 3 0 5
               |-- 10.88.0.7
                  /32 host LOCAL
               |-- 127.0.0.1
                  /32 host LOCAL
          """);
    }
  }
}
