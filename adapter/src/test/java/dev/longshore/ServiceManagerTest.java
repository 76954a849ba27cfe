package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.kernel.FakeServiceManager;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
  @TempDir private Path folder;

  @Test
  void aReloadIsToldWithTheTimeOfTheKernelsClockAndThenReadyAgain() throws Exception {
    Path socket = folder.resolve("notify");
    try (FakeServiceManager systemd = new FakeServiceManager(socket);
        ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", socket.toString()))) {
      long before = System.nanoTime() / 1000;
      manager.reloading();
      manager.reloaded();
      String told = systemd.next();
      assertThat(told).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
      assertThat(Long.parseLong(told.substring(told.lastIndexOf('=') + 1)))
          .isBetween(before, System.nanoTime() / 1000);
      assertThat(systemd.next()).isEqualTo("READY=1");
    }
  }

  @Test
  void withoutAServiceManagerNothingIsSent() {
    try (ServiceManager manager = ServiceManager.of(Map.of())) {
      manager.reloading();
      manager.reloaded();
    }
  }
}
