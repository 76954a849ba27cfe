package dev.longshore.rpc;

import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import dev.longshore.cri.v1.VersionRequest;
import dev.longshore.cri.v1.VersionResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** A RuntimeService with one RPC, Version, that does what the test says. */
final class ScriptedRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final CallRunner calls = new CallRunner(Duration.ofMinutes(1), new CallFigures());
  private final Script script;

  ScriptedRuntime(Script script) {
    this.script = script;
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> caller) {
    calls.change(
        "Version",
        request.getVersion(),
        caller,
        deadline ->
            VersionResponse.newBuilder()
                .setRuntimeVersion(script.answer(request.getVersion(), deadline))
                .build());
  }

  /** Makes the answer of a call. */
  interface Script {
    String answer(String request, Deadline deadline) throws Exception;
  }
}
