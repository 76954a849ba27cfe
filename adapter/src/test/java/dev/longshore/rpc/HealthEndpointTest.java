package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HealthEndpointTest {
  private final AtomicBoolean ready = new AtomicBoolean();
  private final HealthEndpoint health = new HealthEndpoint(ready::get, Set.of("known.Service"));
  private final Server server;
  private final ManagedChannel channel;

  HealthEndpointTest() throws IOException {
    server = InProcessServerBuilder.forName("health").addService(health).build().start();
    channel = InProcessChannelBuilder.forName("health").build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void aWatcherHearsEachChangeAndTheEnd() {
    Iterator<HealthCheckResponse> watch = watch("known.Service");
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    ready.set(true);
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    health.stop();
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(watch.hasNext()).isFalse();
  }

  @Test
  void aWatcherOfAnUnknownServiceIsToldSo() {
    assertThat(watch("odd").next().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
  }

  private Iterator<HealthCheckResponse> watch(String service) {
    HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Duration.ofSeconds(20))
        .watch(request);
  }
}
