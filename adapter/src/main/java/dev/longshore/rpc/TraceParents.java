package dev.longshore.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.jspecify.annotations.Nullable;

/** Keeps the caller's place in its trace (W3C Trace Context) with the call. Thread-safe. */
final class TraceParents implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> KEPT = Context.keyWithDefault("traceparent", "");

  /** That of the current call; empty for none. */
  static String current() {
    return KEPT.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    @Nullable String sent = headers.get(HEADER);
    return sent == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(Context.current().withValue(KEPT, sent), call, headers, next);
  }
}
