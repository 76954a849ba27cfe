package dev.longshore.streaming;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client after its upgrade: makes senders wait while the client does not read, notices its end,
 * and ends it. The last handler of its pipeline.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

  /**
   * Between pings. Nobody waits for their answer, as a client may be suspended for long; but the
   * kernel of one that is gone refuses them, even where its last data is not read from here.
   */
  private static final Duration PING = Duration.ofSeconds(5);

  /** For the client to close after the last frame. */
  private static final Duration LINGER = Duration.ofSeconds(10);

  private final Channel channel;
  private final Intake intake;
  private final Duration idle;
  private final Supplier<Object> ping;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition writable = lock.newCondition();
  private final Set<Work> works = ConcurrentHashMap.newKeySet();
  private volatile long lastUse = System.nanoTime();

  /**
   * @param idle without data for that long the connection is cut
   * @param ping makes a frame that asks for a sign of life
   */
  ClientConnection(Channel channel, Duration idle, Supplier<Object> ping) {
    this.channel = channel;
    this.intake = new Intake(channel);
    this.idle = idle;
    this.ping = ping;
  }

  Intake intake() {
    return intake;
  }

  Channel channel() {
    return channel;
  }

  /**
   * Starts work for this client on a thread of its own, which is interrupted when the client is
   * gone or the work is cancelled.
   */
  Future<?> start(ExecutorService threads, Runnable body) {
    Work work = new Work(body);
    works.add(work);
    threads.execute(work);
    if (!channel.isActive()) {
      work.cancel(true);
    }
    return work;
  }

  private void onClose(Runnable action) {
    var _ = channel.closeFuture().addListener(_ -> action.run());
  }

  /**
   * Sends a frame once the client has read enough of the earlier ones.
   *
   * @throws IOException when the client is gone
   */
  void send(Object frame) throws IOException, InterruptedException {
    boolean mine = true;
    try {
      awaitWritable();
      mine = false;
    } finally {
      if (mine) {
        ReferenceCountUtil.release(frame);
      }
    }
    sendNow(frame);
  }

  /** Sends a small frame without waiting. */
  void sendNow(Object frame) {
    used();
    var _ = channel.writeAndFlush(frame, channel.voidPromise());
  }

  /** Notes that the client is in use. */
  void used() {
    lastUse = System.nanoTime();
  }

  private void awaitWritable() throws IOException, InterruptedException {
    if (channel.isWritable()) {
      return;
    }
    lock.lockInterruptibly();
    try {
      while (!channel.isWritable()) {
        if (!channel.isActive()) {
          throw new IOException("the client went away");
        }
        writable.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends the last frame; the client closes then, or is cut after a while. */
  void finish(Object last) {
    var _ = channel.writeAndFlush(last).addListener(_ -> linger());
  }

  private void linger() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      ChannelFuture _ = tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      ChannelFuture _ = duplex.shutdownOutput();
    }
    var cut =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  var _ = channel.close();
                },
                LINGER.toMillis(),
                TimeUnit.MILLISECONDS);
    onClose(() -> cut.cancel(false));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    long pause = Math.max(1, Math.min(PING.toMillis(), idle.toMillis()));
    var beat =
        channel.eventLoop().scheduleAtFixedRate(this::beat, pause, pause, TimeUnit.MILLISECONDS);
    onClose(() -> beat.cancel(false));
  }

  private void beat() {
    if (System.nanoTime() - lastUse >= idle.toNanos()) {
      log.info("a stream was closed: nothing had moved on it for {} s", idle.toSeconds());
      var _ = channel.close();
    } else if (channel.isWritable()) {
      var _ = channel.writeAndFlush(ping.get(), channel.voidPromise());
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    wakeUp();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    wakeUp();
    works.forEach(work -> work.cancel(true));
  }

  private void wakeUp() {
    lock.lock();
    try {
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What nobody before has understood. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a client's connection failed", cause);
    var _ = context.close();
  }

  private final class Work extends FutureTask<Boolean> {
    Work(Runnable body) {
      super(body, true);
    }

    @Override
    protected void done() {
      works.remove(this);
    }
  }
}
