package dev.longshore.rpc;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The standard gRPC health service ({@code grpc.health.v1}): SERVING while Longshore can answer
 * from a complete view of Docker.
 */
final class HealthEndpoint extends HealthGrpc.HealthImplBase {
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final BooleanSupplier ready;
  private final Set<String> services;
  // Publishes the end to watchers, who look a few times a second.
  private volatile boolean stopping;

  /** {@code services} are the names that can be asked for, beside the empty one. */
  HealthEndpoint(BooleanSupplier ready, Set<String> services) {
    this.ready = ready;
    this.services = Set.copyOf(services);
  }

  /** From now on NOT_SERVING; ends all watches. */
  void stop() {
    stopping = true;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    ServingStatus status = status(request.getService());
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      String sentence = "there is no service \"%s\"".formatted(request.getService());
      caller.onError(Status.NOT_FOUND.withDescription(sentence).asRuntimeException());
      return;
    }
    caller.onNext(response(status));
    caller.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    ((ServerCallStreamObserver<HealthCheckResponse>) caller).setOnCancelHandler(() -> {});
    Context context = Context.current();
    ServingStatus told = ServingStatus.UNKNOWN;
    try (CallerWatch _ = CallerWatch.begin(context)) {
      while (!context.isCancelled()) {
        boolean last = stopping;
        ServingStatus now = status(request.getService());
        if (now != told) {
          caller.onNext(response(now));
          told = now;
        }
        if (last) {
          break;
        }
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      // The watcher has hung up; nobody reads an answer.
    }
    caller.onCompleted();
  }

  private ServingStatus status(String service) {
    if (!service.isEmpty() && !services.contains(service)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return !stopping && ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
