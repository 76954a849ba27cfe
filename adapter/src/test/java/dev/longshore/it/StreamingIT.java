package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.AttachRequest;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ExecRequest;
import dev.longshore.cri.v1.LinuxPodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PortForwardRequest;
import dev.longshore.streaming.SpdyClient;
import dev.longshore.streaming.WebSocketClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Exec, attach and port-forward against a real Engine, as a kubelet's clients use them. */
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class StreamingIT {
  private static final String V4 = "v4.channel.k8s.io";
  private static final String FORWARD = "portforward.k8s.io";
  private static final int ECHO = 8080;
  private static final int HTTP_ON_IPV6 = 8081;

  private static final byte[] MUCH = new byte[20_000_000];

  static {
    new Random(1).nextBytes(MUCH);
  }

  private TestNode node;
  private Pods pods;
  private PodSandboxConfig pod;
  private String sandbox;
  private String app;

  @BeforeAll
  void begin() throws IOException {
    node = new TestNode(DockerApi.ofMachine()).start();
    pods = new Pods(node);
    // Docker takes IPv6 from pods that have no network of its own making.
    pod =
        pods.config("streams", 0).toBuilder()
            .setLinux(
                LinuxPodSandboxConfig.newBuilder().putSysctls("net.ipv6.conf.lo.disable_ipv6", "0"))
            .build();
    sandbox = pods.run(pod);
    app =
        pods.start(
            sandbox,
            pod,
            Pods.container(
                "app",
                "sh",
                "-c",
                "echo found > /tmp/index.html; busybox httpd -p [::1]:%d -h /tmp;"
                        .formatted(HTTP_ON_IPV6)
                    + " busybox nc -ll -p %d -e cat & sleep 1000".formatted(ECHO)));
    TestNode.await(
        "the echo server listens",
        () ->
            pods.exec(app, "busybox", "netstat", "-ltn")
                .getStdout()
                .toStringUtf8()
                .contains(":" + ECHO + " "));
  }

  @AfterAll
  void end() throws IOException {
    node.close();
  }

  @Test
  void manyBytesGoThroughACommandUnchangedOverSpdy() throws Exception {
    try (SpdyClient client = SpdyClient.connect(exec(app, true, false, "cat"), V4)) {
      int error = client.open("streamtype", "error");
      int stdin = client.open("streamtype", "stdin");
      int stdout = client.open("streamtype", "stdout");
      Thread writer = Thread.ofVirtual().start(() -> write(client, stdin, MUCH));

      assertThat(client.readAll(stdout)).isEqualTo(MUCH);
      writer.join();
      assertThat(client.readText(error)).contains("Success");
    }
  }

  @Test
  void manyBytesReachACommandUnchangedOverWebSocket() throws Exception {
    String url = exec(app, true, false, "sha256sum");
    try (WebSocketClient client = WebSocketClient.connect(url, "v5.channel.k8s.io")) {
      byte[] message = new byte[32 * 1024 + 1];
      for (int at = 0; at < MUCH.length; at += message.length - 1) {
        int length = Math.min(message.length - 1, MUCH.length - at);
        byte[] next = new byte[length + 1];
        System.arraycopy(MUCH, at, next, 1, length);
        client.send(next);
      }
      client.send(new byte[] {(byte) 255, 0});

      String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(MUCH));
      assertThat(client.untilClosed()).anyMatch(told -> told.contains(sum));
    }
  }

  @Test
  void aTerminalHasTheSizesItsClientTells() throws IOException {
    String url = exec(app, true, true, "sh", "-c", "read go; stty size; read go; stty size");
    try (SpdyClient client = SpdyClient.connect(url, V4)) {
      int error = client.open("streamtype", "error");
      int stdin = client.open("streamtype", "stdin");
      int stdout = client.open("streamtype", "stdout");
      int resize = client.open("streamtype", "resize");
      client.write(resize, utf8("{\"Width\":101,\"Height\":31}"));
      awaitSize("31 101");
      client.write(stdin, utf8("\n"));
      String first = "\r\n31 101\r\n";
      assertThat(client.readAtLeast(stdout, first.length())).asString().isEqualTo(first);
      client.write(resize, utf8("{\"Width\":132,\"Height\":50}"));
      awaitSize("50 132");
      client.write(stdin, utf8("\n"));

      assertThat(client.readText(stdout)).isEqualTo(first + "\r\n50 132\r\n");
      assertThat(client.readText(error)).contains("Success");
    }
  }

  /** Of the one terminal in the container. */
  private void awaitSize(String size) {
    TestNode.await(
        "the terminal is " + size,
        () ->
            pods.exec(app, "sh", "-c", "stty -F /dev/pts/0 size 2>&1")
                .getStdout()
                .toStringUtf8()
                .startsWith(size + "\n"));
  }

  @Test
  void exitCodesAndCommandsThatAreNotThereAreTold() throws IOException {
    assertThat(statusOf("sh", "-c", "exit 42")).contains("\"message\":\"42\"");
    assertThat(statusOf("/no/such/program")).containsAnyOf("\"126\"", "\"127\"", "InternalError");
  }

  private String statusOf(String... command) throws IOException {
    try (SpdyClient client = SpdyClient.connect(exec(app, false, false, command), V4)) {
      int error = client.open("streamtype", "error");
      int _ = client.open("streamtype", "stdout");
      return client.readText(error);
    }
  }

  @Test
  void anExecEndsWithItsCommandThoughAChildHoldsItsOutput() throws IOException {
    assertThat(statusOf("sh", "-c", "sleep 17 & exit 5")).contains("\"message\":\"5\"");
  }

  @Test
  void clientsThatGoAwayTakeTheirCommandsAlong() throws IOException {
    List<SpdyClient> clients = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      SpdyClient client =
          SpdyClient.connect(exec(app, false, false, "sh", "-c", "echo up; sleep 4711"), V4);
      clients.add(client);
      int _ = client.open("streamtype", "error");
      byte[] _ = client.readAtLeast(client.open("streamtype", "stdout"), 3);
    }
    assertThat(processes()).contains("sleep 4711");
    for (SpdyClient client : clients) {
      client.close();
    }
    TestNode.await("their commands have ended", () -> !processes().contains("sleep 4711"));
  }

  private String processes() {
    return pods.exec(app, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        .getStdout()
        .toStringUtf8();
  }

  @Test
  void severalClientsMeetOneContainerAndLeaveItRunning() throws IOException {
    String id =
        pods.start(
            sandbox, pod, Pods.container("attached", "cat").toBuilder().setStdin(true).build());
    try (SpdyClient watcher = SpdyClient.connect(attach(id, false), V4)) {
      int _ = watcher.open("streamtype", "error");
      int watched = watcher.open("streamtype", "stdout");
      try (SpdyClient writer = SpdyClient.connect(attach(id, true), V4)) {
        say(writer, "one");
      }
      assertThat(watcher.readAtLeast(watched, 3)).asString().isEqualTo("one");
      try (SpdyClient next = SpdyClient.connect(attach(id, true), V4)) {
        say(next, "two");
      }
      assertThat(watcher.readAtLeast(watched, 6)).asString().isEqualTo("onetwo");
    }
    assertThat(pods.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void aContainersTerminalIsAttachedWithItsSizeAndOutlivesItsClient() throws IOException {
    ContainerConfig shell =
        Pods.container("terminal", "sh", "-c", "while read l; do echo \"$l $(stty size)\"; done")
            .toBuilder()
            .setStdin(true)
            .setTty(true)
            .build();
    String id = pods.start(sandbox, pod, shell);
    for (String size : List.of("40 120", "25 90")) {
      String[] sides = size.split(" ", -1);
      try (SpdyClient client = SpdyClient.connect(attach(id, true, true), V4)) {
        int _ = client.open("streamtype", "error");
        int stdin = client.open("streamtype", "stdin");
        int stdout = client.open("streamtype", "stdout");
        int resize = client.open("streamtype", "resize");
        client.write(resize, utf8("{\"Width\":%s,\"Height\":%s}".formatted(sides[1], sides[0])));
        TestNode.await(
            "the terminal is " + size,
            () ->
                pods.exec(id, "sh", "-c", "stty -F /dev/pts/0 size")
                    .getStdout()
                    .toStringUtf8()
                    .startsWith(size));
        client.write(stdin, utf8("here\n"));
        // The terminal echoes what is typed, then the shell answers.
        String told = "here\r\nhere " + size + "\r\n";
        assertThat(client.readAtLeast(stdout, told.length())).asString().isEqualTo(told);
      }
    }
    assertThat(pods.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void withStdinOnceTheInputEndsWithItsFirstClient() throws IOException {
    ContainerConfig once =
        Pods.container("once", "cat").toBuilder().setStdin(true).setStdinOnce(true).build();
    String id = pods.start(sandbox, pod, once);
    try (SpdyClient writer = SpdyClient.connect(attach(id, true), V4)) {
      say(writer, "one");
    }
    TestNode.await(
        "the container ends", () -> pods.status(id).getState() == ContainerState.CONTAINER_EXITED);
  }

  /** Writes through cat and waits for the answer, so that it has reached the container. */
  private static void say(SpdyClient client, String text) throws IOException {
    int _ = client.open("streamtype", "error");
    int stdin = client.open("streamtype", "stdin");
    int stdout = client.open("streamtype", "stdout");
    client.write(stdin, utf8(text));
    assertThat(client.readAtLeast(stdout, text.length())).asString().isEqualTo(text);
  }

  @Test
  void portsOfAPodAreReachedByBothFamiliesAndARefusedOneHarmsNoOther() throws Exception {
    try (SpdyClient client = SpdyClient.connect(forward(sandbox), FORWARD)) {
      SpdyClient.Pair echo = client.openPair(ECHO, "1");
      SpdyClient.Pair refused = client.openPair(9, "2");
      SpdyClient.Pair ipv6 = client.openPair(HTTP_ON_IPV6, "3");

      assertThat(client.readText(refused.error())).contains("127.0.0.1: Connection refused");
      client.write(ipv6.data(), utf8("GET /index.html HTTP/1.0\r\n\r\n"));
      assertThat(client.readText(ipv6.data())).endsWith("found\n");
      // The echo ends only when its client has ended its side.
      Thread writer = Thread.ofVirtual().start(() -> write(client, echo.data(), MUCH));
      assertThat(client.readAll(echo.data())).isEqualTo(MUCH);
      writer.join();
      assertThat(client.readText(echo.error())).isEmpty();
    }
  }

  @Test
  void portsOfAPodOnTheHostsNetworkAreTheHosts() throws IOException {
    String id = pods.run(Pods.onHost(pods.config("onhost", 0)));
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        SpdyClient client = SpdyClient.connect(forward(id), FORWARD)) {
      SpdyClient.Pair pair = client.openPair(server.getLocalPort(), "1");
      try (Socket host = server.accept()) {
        host.getOutputStream().write(utf8("hello"));
        host.shutdownOutput();
        client.end(pair.data());
        assertThat(client.readText(pair.data())).isEqualTo("hello");
      }
    }
    pods.remove(id);
  }

  private String exec(String container, boolean stdin, boolean tty, String... command) {
    return node.runtime()
        .exec(
            ExecRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setStdin(stdin)
                .setStdout(true)
                .setTty(tty)
                .build())
        .getUrl();
  }

  private String attach(String container, boolean stdin) {
    return attach(container, stdin, false);
  }

  private String attach(String container, boolean stdin, boolean tty) {
    return node.runtime()
        .attach(
            AttachRequest.newBuilder()
                .setContainerId(container)
                .setStdin(stdin)
                .setStdout(true)
                .setTty(tty)
                .build())
        .getUrl();
  }

  private String forward(String podSandbox) {
    return node.runtime()
        .portForward(PortForwardRequest.newBuilder().setPodSandboxId(podSandbox).build())
        .getUrl();
  }

  private static void write(SpdyClient client, int stream, byte[] bytes) {
    try {
      for (int at = 0; at < bytes.length; at += 64 * 1024) {
        byte[] part = Arrays.copyOfRange(bytes, at, Math.min(at + 64 * 1024, bytes.length));
        client.write(stream, part);
      }
      client.end(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
