package dev.longshore.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Encoded;
import dev.longshore.common.Trace;
import dev.longshore.rpc.CallLog.Call;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What all calls have in common. But for those of {@link #now}, a handler runs on the call's own
 * virtual thread, is given the caller's deadline, is interrupted when the caller goes away, and
 * returns its response or throws. Thread-safe.
 */
final class CallRunner {
  private final Duration bound;
  private final CallFigures figures;
  private final CallLog log = new CallLog();

  /** {@code bound} is the deadline of calls whose caller sets none. */
  CallRunner(Duration bound, CallFigures figures) {
    this.bound = bound;
    this.figures = figures;
  }

  Duration bound() {
    return bound;
  }

  /** Runs a call that changes nothing. */
  <R> void read(String method, String subject, StreamObserver<R> caller, Handler<R> handler) {
    read(method, subject, bound, caller, handler);
  }

  /** Runs a call that changes nothing, with a bound of its own. */
  <R> void read(
      String method, String subject, Duration own, StreamObserver<R> caller, Handler<R> handler) {
    run(new Call(method, subject, false), own, caller, handler, _ -> "");
  }

  /**
   * Runs a call that changes nothing and answers with any number of messages. Its thread is not
   * gRPC's for the call: that one must be free to say that the caller has read on.
   */
  <R> void stream(String method, Duration own, StreamObserver<R> caller, Sender<R> sender) {
    Call call = new Call(method, "", false);
    ServerCallStreamObserver<R> server = (ServerCallStreamObserver<R>) caller;
    ignoreHangUp(server);
    Outbound<R> out = new Outbound<>(server);
    Handler<String> handler =
        deadline -> {
          sender.send(out, deadline);
          return "";
        };
    Thread.ofVirtual()
        .name("stream-" + method)
        .start(
            Context.current()
                .wrap(() -> run(call, server, () -> handle(own, handler), name -> name, _ -> {})));
  }

  /**
   * Runs a call that changes nothing and never waits, so that it may run on the thread that moves
   * everybody's bytes, and needs neither deadline nor interrupt.
   */
  <R> void now(String method, String subject, StreamObserver<R> caller, Supplier<R> answer) {
    ignoreHangUp(caller);
    run(new Call(method, subject, false), caller, answer::get, _ -> "", caller::onNext);
  }

  /** As the other, for a list whose items are encoded. */
  void streamList(String method, StreamObserver<Encoded> caller, Handler<Encoded> list) {
    stream(
        method,
        bound,
        caller,
        (out, deadline) ->
            out.sendAll(
                list.handle(deadline).parts(), part -> part.length, Encoded::new, deadline));
  }

  /** Runs a call that answers with a list, in as many messages as it takes. */
  <T extends Message, R> void streamList(
      String method,
      StreamObserver<R> caller,
      Handler<List<T>> list,
      Function<List<T>, R> message) {
    stream(
        method,
        bound,
        caller,
        (out, deadline) ->
            out.sendAll(list.handle(deadline), MessageLite::getSerializedSize, message, deadline));
  }

  /** Runs a call that changes something. */
  <R> void change(String method, String subject, StreamObserver<R> caller, Handler<R> handler) {
    change(method, subject, bound, caller, handler, _ -> "");
  }

  /** Runs a call that changes something; {@code result} names in the log what it made. */
  <R> void change(
      String method,
      String subject,
      Duration own,
      StreamObserver<R> caller,
      Handler<R> handler,
      Function<R, String> result) {
    run(new Call(method, subject, true), own, caller, handler, result);
  }

  private <R> void run(
      Call call,
      Duration own,
      StreamObserver<R> caller,
      Handler<R> handler,
      Function<R, String> result) {
    ignoreHangUp(caller);
    run(call, caller, () -> handle(own, handler), result, caller::onNext);
  }

  private <T> void run(
      Call call,
      StreamObserver<?> caller,
      Callable<T> work,
      Function<T, String> result,
      Consumer<T> answer) {
    long start = System.nanoTime();
    figures.began(call.method());
    T response;
    try {
      response = traced(call, work);
    } catch (Throwable e) {
      CriException failure = explain(call, e, Context.current(), millisSince(start));
      Status status = Statuses.of(failure);
      figures.ended(call.method(), status.getCode(), System.nanoTime() - start);
      caller.onError(status.asRuntimeException());
      return;
    }
    figures.ended(call.method(), Status.Code.OK, System.nanoTime() - start);
    log.done(call, millisSince(start), result.apply(response));
    answer.accept(response);
    caller.onCompleted();
  }

  private static <R> R traced(Call call, Callable<R> work) throws Exception {
    return Trace.isOn()
        ? Trace.call(call.method(), TraceParents.current(), call.change(), work)
        : work.call();
  }

  private static <R> R handle(Duration own, Handler<R> handler) throws Exception {
    Context context = Context.current();
    try (CallerWatch _ = CallerWatch.begin(context)) {
      if (context.isCancelled()) {
        throw new CriException(Kind.CANCELLED, "the caller went away before the call began");
      }
      return handler.handle(deadline(context, own));
    }
  }

  private CriException explain(Call call, Throwable thrown, Context context, long millis) {
    if (thrown instanceof CriException || thrown instanceof InterruptedException) {
      CriException failure = known(call, thrown, context);
      log.failed(call, millis, failure);
      return failure;
    }
    log.broke(call, millis, thrown);
    return new CriException(
        Kind.INTERNAL,
        "%s %s failed unexpectedly (%s); Longshore's log has the details"
            .formatted(call.method(), call.shown(), thrown),
        thrown);
  }

  private static CriException known(Call call, Throwable thrown, Context context) {
    CriException failure =
        thrown instanceof CriException cri
            ? cri
            : new CriException(
                Kind.CANCELLED,
                "%s %s was given up with its caller".formatted(call.method(), call.shown()),
                thrown);
    boolean late = failure.kind() == Kind.CANCELLED && CallerWatch.timedOut(context);
    return late ? new CriException(Kind.TIMED_OUT, failure.getMessage(), thrown) : failure;
  }

  private static Deadline deadline(Context context, Duration own) {
    io.grpc.Deadline callers = context.getDeadline();
    return Deadline.in(
        callers == null ? own : Duration.ofNanos(callers.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  /** Without a handler of its own, answering a caller who has hung up throws. */
  private static void ignoreHangUp(StreamObserver<?> caller) {
    if (caller instanceof ServerCallStreamObserver<?> server) {
      server.setOnCancelHandler(() -> {});
    }
  }

  private static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  /** The work of one call. */
  @FunctionalInterface
  interface Handler<R> {
    R handle(Deadline deadline) throws Exception;
  }

  /** The work of one call that answers with several messages. */
  @FunctionalInterface
  interface Sender<R> {
    void send(Outbound<R> out, Deadline deadline) throws Exception;
  }
}
