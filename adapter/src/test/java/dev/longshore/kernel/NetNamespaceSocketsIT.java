package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets in a network namespace of the real kernel, in which one port greets who connects. */
class NetNamespaceSocketsIT {
  private static final InetSocketAddress GREETER =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 34_567);
  private static final Path PROC = Path.of("/proc");

  private final NetNamespaceSockets sockets = new NetNamespaceSockets(PROC);
  private Process inside;

  @BeforeEach
  void begin() throws IOException {
    inside =
        new ProcessBuilder(
                "unshare",
                "--net",
                "sh",
                "-c",
                "ip link set lo up && exec busybox nc -ll -p %d -e echo hello"
                    .formatted(GREETER.getPort()))
            .redirectErrorStream(true)
            .start();
    Eventually.until("the greeter listens", () -> greeting().isPresent());
  }

  @AfterEach
  void end() {
    sockets.close();
    inside.destroyForcibly();
  }

  @Test
  void aSocketReachesTheOtherNetworkAndTheNextOneThisAgain() throws Exception {
    assertThat(greeting()).contains("hello\n");

    int here = Math.toIntExact(ProcessHandle.current().pid());
    try (SocketChannel home = sockets.open(here, StandardProtocolFamily.INET)) {
      assertThatThrownBy(() -> home.connect(GREETER)).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aProcessThatIsGoneIsNamedAndHarmsNoLaterSocket() {
    assertThatThrownBy(() -> sockets.open(Integer.MAX_VALUE, StandardProtocolFamily.INET))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("process " + Integer.MAX_VALUE);
    assertThat(greeting()).contains("hello\n");
  }

  @Test
  void afterTheEndThereAreNoMore() {
    sockets.close();

    assertThatThrownBy(() -> sockets.open(1, StandardProtocolFamily.INET6))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }

  /** Empty while nobody listens. */
  private Optional<String> greeting() {
    int pid = Math.toIntExact(inside.pid());
    try (SocketChannel socket = sockets.open(pid, StandardProtocolFamily.INET)) {
      socket.connect(GREETER);
      byte[] all = Channels.newInputStream(socket).readAllBytes();
      return Optional.of(new String(all, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
