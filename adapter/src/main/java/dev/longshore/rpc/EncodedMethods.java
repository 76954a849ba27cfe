package dev.longshore.rpc;

import dev.longshore.common.Encoded;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Methods that answer in bytes that are kept: to encode a node's lists costs more than all else in
 * the call. gRPC's generated services send nothing but messages.
 */
final class EncodedMethods {
  private EncodedMethods() {}

  /** The generated service with these methods in the place of its own. */
  static ServerServiceDefinition over(
      ServerServiceDefinition generated, List<ServerMethodDefinition<?, ?>> methods) {
    Map<String, ServerMethodDefinition<?, ?>> ours =
        methods.stream().collect(Collectors.toMap(EncodedMethods::name, Function.identity()));
    var all = ServerServiceDefinition.builder(generated.getServiceDescriptor().getName());
    generated.getMethods().forEach(m -> all.addMethod(ours.getOrDefault(name(m), m)));
    return all.build();
  }

  static <Q> ServerMethodDefinition<Q, Encoded> unary(
      MethodDescriptor<Q, ?> generated, ServerCalls.UnaryMethod<Q, Encoded> handler) {
    return ServerMethodDefinition.create(encoded(generated), ServerCalls.asyncUnaryCall(handler));
  }

  static <Q> ServerMethodDefinition<Q, Encoded> streaming(
      MethodDescriptor<Q, ?> generated, ServerCalls.ServerStreamingMethod<Q, Encoded> handler) {
    return ServerMethodDefinition.create(
        encoded(generated), ServerCalls.asyncServerStreamingCall(handler));
  }

  private static <Q> MethodDescriptor<Q, Encoded> encoded(MethodDescriptor<Q, ?> generated) {
    return generated.toBuilder(generated.getRequestMarshaller(), new EncodedMarshaller()).build();
  }

  private static String name(ServerMethodDefinition<?, ?> method) {
    return method.getMethodDescriptor().getFullMethodName();
  }
}
