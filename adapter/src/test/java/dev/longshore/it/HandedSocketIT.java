package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.VersionRequest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A socket of the service manager's: nobody is refused while the server is exchanged. */
@Timeout(120)
class HandedSocketIT {
  @Test
  void newCallersWaitWhileTheServerIsExchanged() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).startHanded()) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      List<String> refused = Collections.synchronizedList(new ArrayList<>());
      Thread caller = Thread.ofVirtual().start(() -> call(node, over, answered, refused));
      for (int exchange = 0; exchange < 2; exchange++) {
        ProcessHandle before = node.handedServer();
        assertThat(before.destroy()).isTrue();
        before.onExit().join();
        int answers = answered.get();
        TestNode.await("answers of the next server", () -> answered.get() > answers + 5);
        assertThat(node.handedServer().pid()).isNotEqualTo(before.pid());
      }
      over.set(true);
      caller.join();
      assertThat(refused).isEmpty();
      node.awaitReady();
      assertThat(node.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
          .isNotNull();
      assertThat(node.log()).contains("serves unix://" + node.socket());
    }
  }

  /** Each call has a connection of its own, as that of a client which has just been started. */
  private static void call(
      TestNode node, AtomicBoolean over, AtomicInteger answered, List<String> refused) {
    while (!over.get()) {
      try {
        node.freshly(VersionRequest.getDefaultInstance());
        answered.incrementAndGet();
      } catch (StatusRuntimeException e) {
        refused.add(e.toString());
      }
    }
  }
}
