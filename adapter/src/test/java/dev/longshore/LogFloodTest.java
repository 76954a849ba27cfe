package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.logging.CapturedLog;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kubelet asks on while Docker is away; the log says so once. */
class LogFloodTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ROUNDS = 100;

  @Test
  void whileDockerIsAwayTheLogStaysShort(@TempDir Path folder) {
    try (FakeNode node = new FakeNode(folder).ready();
        CapturedLog log = new CapturedLog()) {
      node.docker.down();
      node.ready(false);
      for (int i = 0; i < ROUNDS; i++) {
        ListContainersRequest list = ListContainersRequest.getDefaultInstance();
        assertThatThrownBy(() -> node.client().runtime(LIMIT, stub -> stub.listContainers(list)))
            .isInstanceOf(CriException.class);
        StopContainerRequest stop =
            StopContainerRequest.newBuilder().setContainerId("%064x".formatted(i)).build();
        assertThatThrownBy(() -> node.client().runtime(LIMIT, stub -> stub.stopContainer(stop)))
            .isInstanceOf(CriException.class);
      }
      assertThat(log.lines()).hasSizeBetween(1, 3);
      assertThat(log.lines()).filteredOn(line -> line.contains("Docker is away (")).hasSize(1);
    }
  }
}
