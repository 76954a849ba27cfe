package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.docker.ApiVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server is killed at any instruction: no pod restarts, nothing leaks, retries succeed. */
@Timeout(600)
class CrashIT {
  private static final int PODS = 50;
  private static final int INTERRUPTED = 10;
  private static final int AT_A_TIME = 8;

  @Test
  void podsSurviveAndInterruptedOnesAreRetried() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start();
        ExecutorService kubelet = Executors.newFixedThreadPool(AT_A_TIME)) {
      Pods pods = new Pods(node);
      await(submit(kubelet, PODS, i -> runWithTwoContainers(pods, "p" + i)));
      Map<String, String> addresses = addresses(pods);
      Map<String, String> started = startTimes(node);
      assertThat(addresses).hasSize(PODS);
      assertThat(started).hasSize(PODS * 3);

      List<Future<?>> cut = submit(kubelet, INTERRUPTED, i -> pods.run(pods.config("cut" + i, 0)));
      TestNode.await("pods are being made", () -> sandboxesInDocker(node) > PODS + 2);
      node.killServer();
      node.start();
      for (Future<?> call : cut) {
        waitForAny(call);
      }

      assertThat(new HashSet<>(addresses(pods).values())).containsAll(addresses.values());
      assertThat(addresses(pods)).containsAllEntriesOf(addresses);
      assertThat(startTimes(node)).containsAllEntriesOf(started);
      assertThat(ids(pods.sandboxes())).doesNotHaveDuplicates();
      assertThat(pods.containers()).extracting(Container::getId).doesNotHaveDuplicates();

      await(submit(kubelet, INTERRUPTED, i -> pods.run(pods.config("cut" + i, 0))));
      List<PodSandbox> ready =
          pods.sandboxes().stream()
              .filter(s -> s.getState() == PodSandboxState.SANDBOX_READY)
              .toList();
      assertThat(ready).hasSize(PODS + INTERRUPTED);
      assertThat(addresses(pods).values()).doesNotHaveDuplicates().hasSize(PODS + INTERRUPTED);

      List<PodSandbox> all = pods.sandboxes();
      await(
          submit(
              kubelet,
              all.size(),
              i -> {
                pods.remove(all.get(i).getId());
                return i;
              }));
      node.assertNothingLeft();
    }
  }

  @Test
  void imagesMountedForContainersThatWentMeanwhileAreUnmounted() throws Exception {
    DockerApi docker = DockerApi.ofMachine();
    String api = docker.get("/version").get("ApiVersion").asText();
    assumeTrue(
        docker.get("/info").get("Driver").asText().equals("overlay2")
            && !ApiVersion.parse(api).orElseThrow().atLeast(ApiVersion.IMAGE_MOUNTS),
        "images are mounted by Longshore");
    try (TestNode node = new TestNode(docker).start()) {
      Pods pods = new Pods(node);
      PodSandboxConfig pod = pods.config("volumes", 0);
      String sandbox = pods.run(pod);
      String kept = pods.start(sandbox, pod, withVolume("kept", TestNode.BUSYBOX));
      String gone = pods.start(sandbox, pod, withVolume("gone", TestNode.PAUSE));
      assertThat(node.mountedImages()).hasSize(2);

      node.killServer();
      docker.remove(gone);
      node.start();

      TestNode.await("one is unmounted", () -> node.mountedImages().size() == 1);
      assertThat(pods.exec(kept, "ls", "/data/bin/sh").getExitCode()).isZero();
      pods.remove(sandbox);
      TestNode.await("the other is unmounted", () -> node.mountedImages().isEmpty());
      node.assertNothingLeft();
    }
  }

  private static ContainerConfig withVolume(String name, String image) {
    return Pods.container(name, "sleep", "10000").toBuilder()
        .addMounts(
            Mount.newBuilder()
                .setContainerPath("/data")
                .setReadonly(true)
                .setImage(ImageSpec.newBuilder().setImage(image)))
        .build();
  }

  private static String runWithTwoContainers(Pods pods, String name) {
    PodSandboxConfig pod = pods.config(name, 0);
    String sandbox = pods.run(pod);
    pods.start(sandbox, pod, Pods.container("a", "sleep", "10000"));
    pods.start(sandbox, pod, Pods.container("b", "sleep", "10000"));
    return sandbox;
  }

  private interface Step {
    Object run(int number) throws Exception;
  }

  private static List<Future<?>> submit(ExecutorService kubelet, int count, Step step) {
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      Callable<Object> call = () -> step.run(number);
      calls.add(kubelet.submit(call));
    }
    return calls;
  }

  private static void await(List<Future<?>> calls) throws Exception {
    for (Future<?> call : calls) {
      call.get();
    }
  }

  private static void waitForAny(Future<?> call) throws InterruptedException {
    try {
      call.get();
    } catch (ExecutionException _) {
      // The server was killed under the call; calls that came later met the new one.
    }
  }

  private static Map<String, String> addresses(Pods pods) {
    Map<String, String> addresses = new TreeMap<>();
    for (PodSandbox sandbox : pods.sandboxes()) {
      if (sandbox.getState() == PodSandboxState.SANDBOX_READY) {
        addresses.put(sandbox.getId(), pods.ip(sandbox.getId()));
      }
    }
    assertThat(addresses.values()).doesNotContain("");
    return addresses;
  }

  /** When each container of the node was started, as Docker says. */
  private static Map<String, String> startTimes(TestNode node) throws IOException {
    Map<String, String> times = new TreeMap<>();
    for (String id : node.containersInDocker()) {
      JsonNode state = node.docker().inspect(id).get("State");
      times.put(id, state.get("StartedAt").asText());
    }
    return times;
  }

  private static int sandboxesInDocker(TestNode node) {
    try {
      int count = 0;
      for (JsonNode container : node.docker().get("/containers/json?all=1")) {
        if (container.get("Names").toString().matches(".*k8s_POD_.*_" + node.uidPrefix() + ".*")) {
          count++;
        }
      }
      return count;
    } catch (IOException e) {
      return 0;
    }
  }

  private static List<String> ids(List<PodSandbox> sandboxes) {
    return sandboxes.stream().map(PodSandbox::getId).toList();
  }
}
