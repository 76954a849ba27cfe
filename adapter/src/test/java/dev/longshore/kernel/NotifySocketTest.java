package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {
  @TempDir private Path folder;

  @Test
  void messagesArriveWhole() throws Exception {
    Path path = folder.resolve("notify");
    try (FakeServiceManager manager = new FakeServiceManager(path)) {
      NotifySocket socket = new NotifySocket(path.toString());
      socket.send("READY=1\nSTATUS=über alles bereit");
      socket.send("STOPPING=1");
      assertThat(manager.next()).isEqualTo("READY=1\nSTATUS=über alles bereit");
      assertThat(manager.next()).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void whereNobodyListensTheReasonIsTold() {
    NotifySocket socket = new NotifySocket(folder.resolve("nobody").toString());
    assertThatThrownBy(() -> socket.send("READY=1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("errno 2");
  }

  @Test
  void aNameThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> new NotifySocket("/" + "x".repeat(107)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
