package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every RPC of both services, called with an empty request. */
@Timeout(60)
class EndpointsTest {
  // What later versions will answer.
  private static final Set<String> UNFINISHED = Set.of("CheckpointContainer");

  @Test
  void onlyWhatIsUnfinishedIsUnimplemented(@TempDir Path folder) throws IOException {
    try (FakeNode node = new FakeNode(folder).ready()) {
      Set<String> unimplemented = new TreeSet<>();
      statuses(node)
          .forEach(
              (method, status) -> {
                if (status.getCode() == Status.Code.UNIMPLEMENTED) {
                  unimplemented.add(method);
                  assertThat(status.getDescription()).contains(method);
                }
              });
      assertThat(unimplemented).containsExactlyInAnyOrderElementsOf(UNFINISHED);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEmptyRequestIsNeverABug(boolean dockerThere, @TempDir Path folder) throws IOException {
    try (FakeNode node = new FakeNode(folder).ready()) {
      if (!dockerThere) {
        node.docker.down();
        node.docker.disconnect();
        node.ready(false);
      }
      EnumSet<Status.Code> bugs = EnumSet.of(Status.Code.INTERNAL, Status.Code.UNKNOWN);
      assertThat(statuses(node))
          .hasSize(41)
          .noneSatisfy((_, status) -> assertThat(bugs).contains(status.getCode()));
    }
  }

  private static Map<String, Status> statuses(FakeNode node) throws IOException {
    List<BindableService> services = List.of(node.longshore().runtime(), node.longshore().images());
    InProcessServerBuilder builder = InProcessServerBuilder.forName("endpoints");
    services.forEach(builder::addService);
    Server server = builder.build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName("endpoints").build();
    try {
      Map<String, Status> statuses = new TreeMap<>();
      for (BindableService service : services) {
        for (var method : service.bindService().getServiceDescriptor().getMethods()) {
          statuses.put(String.valueOf(method.getBareMethodName()), call(channel, method));
        }
      }
      return statuses;
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @SuppressWarnings("unchecked") // The prototype is of the method's own request type.
  private static <Q, R> Status call(ManagedChannel channel, MethodDescriptor<Q, R> method) {
    Q empty = (Q) ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
    // Events come for ever.
    boolean endless = "GetContainerEvents".equals(method.getBareMethodName());
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(endless ? 1 : 20));
    try {
      ClientCalls.blockingServerStreamingCall(channel, method, options, empty)
          .forEachRemaining(_ -> {});
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }
}
