package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SelfCheckTest {
  @TempDir private Path folder;

  @Test
  void aServerThatServesPasses() {
    Path path = folder.resolve("s.sock");
    try (SocketFile socket = SocketFile.claim(path);
        RpcServer _ = RpcServer.of(socket, List.of(), () -> true, Duration.ofSeconds(1)).serve()) {
      assertThatCode(() -> new SelfCheck(path, Duration.ofSeconds(20)).run())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void aServerThatNoLongerTakesConnectionsFails() throws IOException {
    Path path = folder.resolve("deaf.sock");
    try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      deaf.bind(UnixDomainSocketAddress.of(path));
      assertThatThrownBy(() -> new SelfCheck(path, Duration.ofMillis(200)).run())
          .hasMessageContaining("no answer at " + path);
    }
  }

  @Test
  void whereNobodyListensTheReasonIsTold() {
    Path path = folder.resolve("none.sock");
    assertThatThrownBy(() -> new SelfCheck(path, Duration.ofSeconds(20)).run())
        .hasMessageContaining("cannot ask at " + path);
  }
}
