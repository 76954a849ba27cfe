package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.AttachRequest;
import dev.longshore.cri.v1.ExecRequest;
import dev.longshore.cri.v1.PortForwardRequest;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.TestSpecs;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is checked before a URL is handed out, and what the URL is. */
class StreamRequestsTest {
  private static final String IMAGE = "busybox:1";

  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final View view = new View(docker, _ -> {}, _ -> {});
  private final Tokens tokens = new Tokens(Tokens.LIFE);
  private final StreamUrls urls =
      new StreamUrls(
          "http", new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 4711), tokens);
  private final ExecRequests exec = new ExecRequests(view, urls);
  private final AttachRequests attach = new AttachRequests(view, urls);
  private final PortForwardRequests forward = new PortForwardRequests(view, urls);
  private final ContainerId sandbox = new ContainerId("ab".repeat(32));

  @BeforeEach
  void begin() {
    docker.addImage(IMAGE);
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  @AfterEach
  void end() {
    view.close();
  }

  @Test
  void aUrlIsAbsoluteAndLeadsToWhatWasAskedFor() {
    ContainerId id = container(true);

    String url = exec.prepare(command(id).setStdin(true).build()).getUrl();

    assertThat(url).matches("http://127\\.0\\.0\\.1:4711/exec/[A-Za-z0-9_-]{22}");
    assertThat(tokens.redeem(url.substring(url.lastIndexOf('/') + 1)))
        .hasValueSatisfying(
            target ->
                assertThat(target)
                    .isInstanceOfSatisfying(
                        Target.Exec.class,
                        found -> {
                          assertThat(found.container()).isEqualTo(id);
                          assertThat(found.command()).containsExactly("ls");
                          assertThat(found.streams())
                              .isEqualTo(new Target.Streams(true, true, false, false));
                        }));
  }

  @Test
  void contradictoryStreamsAreInvalid() {
    ContainerId id = container(true);

    fails(
        Kind.INVALID, "tty", () -> exec.prepare(command(id).setTty(true).setStderr(true).build()));
    fails(Kind.INVALID, "stdin", () -> exec.prepare(command(id).setStdout(false).build()));
    fails(Kind.INVALID, "cmd", () -> exec.prepare(command(id).clearCmd().build()));
    fails(
        Kind.INVALID,
        "stdin",
        () -> attach.prepare(AttachRequest.newBuilder().setContainerId(id.value()).build()));
  }

  @Test
  void whatDoesNotRunIsNotReadyAndWhatIsNotThereNotFound() {
    ContainerId id = container(false);

    fails(Kind.NOT_READY, "does not run", () -> exec.prepare(command(id).build()));
    fails(
        Kind.NOT_READY,
        "does not run",
        () ->
            attach.prepare(
                AttachRequest.newBuilder().setContainerId(id.value()).setStdout(true).build()));
    fails(
        Kind.NOT_FOUND,
        "no such container",
        () -> exec.prepare(command(new ContainerId("cd".repeat(32))).build()));
    fails(Kind.NOT_FOUND, "no such sandbox", () -> forward.prepare(ports(80)));
    fails(
        Kind.INVALID,
        "pod_sandbox_id",
        () -> forward.prepare(PortForwardRequest.newBuilder().build()));
    fails(Kind.INVALID, "70000", () -> forward.prepare(ports(70_000)));
  }

  private ContainerId container(boolean running) {
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(Map.of(), Map.of(), Optional.empty(), IMAGE, "hash");
    String name = new KubeName("web", "pod", "default", "uid", 0).toDockerName();
    ContainerId id =
        docker.create(
            TestSpecs.withLabels(
                TestSpecs.container(name, IMAGE, "sleep"),
                KubeLabels.forContainer(metadata, sandbox.value(), "")),
            soon());
    if (running) {
      docker.start(id, soon());
    }
    try (Mutation mutation = view.mutate(name)) {
      mutation.refresh(id, soon());
    }
    return id;
  }

  private static ExecRequest.Builder command(ContainerId id) {
    return ExecRequest.newBuilder().setContainerId(id.value()).addCmd("ls").setStdout(true);
  }

  private PortForwardRequest ports(int port) {
    return PortForwardRequest.newBuilder().setPodSandboxId(sandbox.value()).addPort(port).build();
  }

  private static void fails(Kind kind, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(text);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
