package dev.longshore.rpc;

import dev.longshore.cri.v1.RuntimeServiceGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The whole RuntimeService. */
public final class RuntimeService implements BindableService {
  /**
   * The reads that the kubelet makes all the time. They are answered from memory, so a thread of
   * their own would cost more than they do.
   */
  static final Set<String> IMMEDIATE =
      Stream.of(
              RuntimeServiceGrpc.getListPodSandboxMethod(),
              RuntimeServiceGrpc.getPodSandboxStatusMethod(),
              RuntimeServiceGrpc.getListContainersMethod(),
              RuntimeServiceGrpc.getContainerStatusMethod())
          .map(MethodDescriptor::getFullMethodName)
          .collect(Collectors.toUnmodifiableSet());

  private final EncodedLists lists;
  private final RuntimeEndpoint others;

  /** {@code bound} is the deadline of calls whose caller sets none. */
  public RuntimeService(Duration bound, CallFigures figures, RuntimeCalls to) {
    CallRunner calls = new CallRunner(bound, figures);
    lists = new EncodedLists(calls, to.sandboxes().queries(), to.containers().queries());
    others = new RuntimeEndpoint(calls, to);
  }

  @Override
  public ServerServiceDefinition bindService() {
    return lists.over(others.bindService());
  }
}
