package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** One stream that a SPDY client opened. */
final class SpdyStream implements ClientStream {
  private final int id;
  private final Map<String, String> headers;
  private final ClientConnection connection;
  private final Inbox input;
  private final AtomicBoolean outputClosed = new AtomicBoolean();
  private final AtomicBoolean reset = new AtomicBoolean();
  private volatile Runnable onReset = () -> {};

  SpdyStream(int id, Map<String, String> headers, ClientConnection connection) {
    this.id = id;
    this.headers = Map.copyOf(headers);
    this.connection = connection;
    this.input = new Inbox(connection.intake());
  }

  int id() {
    return id;
  }

  /** Empty for a header that is not there. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  @Override
  public Inbox input() {
    return input;
  }

  @Override
  public void write(ByteBuf data) throws IOException, InterruptedException {
    if (outputClosed.get()) {
      data.release();
      return;
    }
    connection.send(new DefaultSpdyDataFrame(id, data));
  }

  @Override
  public void closeOutput() {
    if (outputClosed.compareAndSet(false, true)) {
      connection.sendNow(new DefaultSpdyDataFrame(id).setLast(true));
    }
  }

  boolean outputClosed() {
    return outputClosed.get();
  }

  /** Refuses the stream, or gives it up, both ways. */
  void reset(SpdyStreamStatus why) {
    outputClosed.set(true);
    input.discard();
    connection.sendNow(new DefaultSpdyRstStreamFrame(id, why));
  }

  /** The client has given the stream up. */
  void wasReset() {
    outputClosed.set(true);
    input.discard();
    reset.set(true);
    onReset.run();
  }

  /** Runs the action, which must not wait, when the client gives the stream up. */
  void onReset(Runnable action) {
    onReset = action;
    if (reset.get()) {
      action.run();
    }
  }
}
