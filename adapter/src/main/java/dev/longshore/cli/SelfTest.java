package dev.longshore.cli;

import dev.longshore.client.CriClient;
import dev.longshore.client.TestPod;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.RuntimeCondition;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.VersionRequest;
import dev.longshore.cri.v1.VersionResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Proves a CRI server: runs a pod with two containers, looks at it, execs into it, and takes it
 * away again. Prints each step with its time. One thread.
 */
public final class SelfTest {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PULL_LIMIT = Duration.ofMinutes(15);
  private static final int SHORT_ID = 12;
  private static final String NAMESPACE = "longshore-selftest";

  private final CriClient client;
  private final PrintStream out;
  private final Steps steps;
  private final String image;
  private final TestPod pod;

  /**
   * A test that has not begun.
   *
   * @param image reference of an image with a shell, pulled if it is missing
   * @param logs folder for the pod's logs, which outlives the test
   */
  SelfTest(CriClient client, PrintStream out, String image, Path logs) {
    this.client = client;
    this.out = out;
    this.steps = new Steps(out);
    this.image = image;
    this.pod = new TestPod(client, NAMESPACE, "selftest", logs, Map.of());
  }

  /** Proves the server on that socket; whether every step succeeded. */
  public static boolean prove(Path socket, String image, PrintStream out)
      throws InterruptedException {
    if (!Files.exists(socket)) {
      out.println(
          "selftest failed: there is no socket %s; is Longshore running?".formatted(socket));
      return false;
    }
    try (CriClient client = CriClient.of(socket)) {
      Path logs = Files.createTempDirectory("longshore-selftest-");
      try {
        return new SelfTest(client, out, image, logs).run();
      } finally {
        deleteTree(logs);
      }
    } catch (IOException e) {
      out.println("selftest failed: cannot keep the pod's logs: " + e);
      return false;
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Whether every step succeeded. On failure, what was made is removed all the same. */
  boolean run() throws InterruptedException {
    try {
      prepare();
      live();
      out.println("selftest ok: " + steps.summary());
      return true;
    } catch (Steps.Failed e) {
      out.println("selftest failed at " + e.getMessage());
      return false;
    }
  }

  private void prepare() throws InterruptedException {
    steps.run("Status", this::awaitReady, conditions -> conditions);
    steps.run("Version", this::version, v -> v.getRuntimeName() + " " + v.getRuntimeVersion());
    steps.run("PullImage", this::ensureImage, id -> id);
  }

  private void live() throws InterruptedException {
    try {
      runPod();
    } catch (Steps.Failed e) {
      cleanUp();
      throw e;
    }
  }

  private void runPod() throws InterruptedException {
    String sandbox = steps.run("RunPodSandbox", pod::run, SelfTest::shortened);
    steps.run("PodSandboxStatus", () -> address(sandbox), address -> address);
    String first = create(sandbox, "one");
    String second = create(sandbox, "two");
    steps.run("StartContainer one", () -> pod.start(first));
    steps.run("StartContainer two", () -> pod.start(second));
    steps.run("ExecSync one: echo", () -> says(first, "hello", "echo", "hello"), said -> said);
    steps.run(
        "ExecSync two: hostname", () -> says(second, pod.hostname(), "hostname"), said -> said);
    steps.run("ListPodSandbox", () -> same("sandboxes", List.of(sandbox), pod.sandboxes()));
    steps.run(
        "ListContainers",
        () -> same("containers", List.of(first, second), pod.containers(sandbox)));
    steps.run("StopContainer one", () -> pod.stop(first));
    steps.run("StopContainer two", () -> pod.stop(second));
    steps.run("RemoveContainer one", () -> pod.remove(first));
    steps.run("RemoveContainer two", () -> pod.remove(second));
    steps.run("StopPodSandbox", () -> pod.stopSandbox(sandbox));
    steps.run("RemovePodSandbox", () -> pod.removeSandbox(sandbox));
    steps.run("ListPodSandbox: gone", () -> same("sandboxes", List.of(), pod.sandboxes()));
    steps.run("ListContainers: gone", () -> same("containers", List.of(), pod.containers(sandbox)));
  }

  private String create(String sandbox, String name) throws InterruptedException {
    return steps.run(
        "CreateContainer " + name, () -> pod.create(sandbox, name, image), SelfTest::shortened);
  }

  /** Waits for both conditions; a server that is still starting is waited for too. */
  private String awaitReady() throws InterruptedException {
    Deadline deadline = Deadline.in(READY_WITHIN);
    while (true) {
      List<RuntimeCondition> missing = missingConditions();
      if (missing.isEmpty()) {
        return "RuntimeReady, NetworkReady";
      }
      if (deadline.passed()) {
        throw new CriException(
            Kind.NOT_READY,
            "the node is not ready after %d s: %s"
                .formatted(READY_WITHIN.toSeconds(), sentence(missing)));
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private List<RuntimeCondition> missingConditions() {
    try {
      StatusRequest request = StatusRequest.getDefaultInstance();
      var status = client.runtime(LIMIT, stub -> stub.status(request)).getStatus();
      return Stream.of("RuntimeReady", "NetworkReady")
          .map(type -> condition(type, status.getConditionsList()))
          .filter(condition -> !condition.getStatus())
          .toList();
    } catch (CriException e) {
      if (e.kind() != Kind.UNAVAILABLE) {
        throw e;
      }
      return List.of(
          RuntimeCondition.newBuilder()
              .setType("the server does not answer")
              .setMessage(e.getMessage())
              .build());
    }
  }

  private static RuntimeCondition condition(String type, List<RuntimeCondition> told) {
    return told.stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElse(RuntimeCondition.newBuilder().setType(type).setMessage("is not told").build());
  }

  private static String sentence(List<RuntimeCondition> missing) {
    return missing.stream()
        .map(c -> "%s (%s) %s".formatted(c.getType(), c.getReason(), c.getMessage()))
        .collect(Collectors.joining("; "));
  }

  private VersionResponse version() {
    return client.runtime(LIMIT, stub -> stub.version(VersionRequest.getDefaultInstance()));
  }

  private String ensureImage() {
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    ImageStatusRequest question = ImageStatusRequest.newBuilder().setImage(spec).build();
    if (client.images(LIMIT, stub -> stub.imageStatus(question)).hasImage()) {
      return image + " is here";
    }
    PullImageRequest pull = PullImageRequest.newBuilder().setImage(spec).build();
    return client.images(PULL_LIMIT, stub -> stub.pullImage(pull)).getImageRef();
  }

  private String address(String sandbox) {
    PodSandboxStatus status = pod.status(sandbox);
    String address = status.getNetwork().getIp();
    if (status.getState() != PodSandboxState.SANDBOX_READY || address.isEmpty()) {
      throw new CriException(
          Kind.INTERNAL,
          "sandbox %s is %s with the address \"%s\""
              .formatted(shortened(sandbox), status.getState(), address));
    }
    return address;
  }

  private String says(String container, String expected, String... command) {
    String said = pod.exec(container, command);
    if (!said.equals(expected)) {
      throw new CriException(
          Kind.INTERNAL,
          "%s printed \"%s\" in place of \"%s\""
              .formatted(String.join(" ", command), said, expected));
    }
    return said;
  }

  private static Object same(String what, List<String> expected, List<String> listed) {
    if (listed.size() != expected.size() || !Set.copyOf(expected).equals(new HashSet<>(listed))) {
      throw new CriException(
          Kind.INTERNAL, "%s %s are listed in place of %s".formatted(what, listed, expected));
    }
    return listed;
  }

  private void cleanUp() throws InterruptedException {
    try {
      for (String left : pod.sandboxes()) {
        steps.run("clean-up: StopPodSandbox", () -> pod.stopSandbox(left));
        steps.run("clean-up: RemovePodSandbox", () -> pod.removeSandbox(left));
      }
    } catch (Steps.Failed e) {
      out.println("something of the pod is left in namespace " + NAMESPACE);
    } catch (CriException e) {
      out.println("cannot see what is left of the pod: " + e.getMessage());
    }
  }

  private static String shortened(String id) {
    return id.length() <= SHORT_ID ? id : id.substring(0, SHORT_ID);
  }
}
