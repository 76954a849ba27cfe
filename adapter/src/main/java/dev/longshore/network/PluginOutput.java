package dev.longshore.network;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The beginning of what a plugin prints, read on a thread of its own. Beyond the bound it reads on
 * and forgets, so that the plugin is not held up.
 */
final class PluginOutput {
  private final int bound;
  private final Runnable whenExceeded;
  private final CountDownLatch atEnd = new CountDownLatch(1);
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean exceeded;

  /** {@code bound} is in bytes. */
  PluginOutput(int bound, Runnable whenExceeded) {
    this.bound = bound;
    this.whenExceeded = whenExceeded;
  }

  /** Reads until the end; returns at once. */
  void readFrom(InputStream stream, String threadName) {
    // A pipe's read blocks in the kernel, which a virtual thread would do on its carrier.
    Thread.ofPlatform().daemon().name(threadName).start(() -> drain(stream));
  }

  private void drain(InputStream stream) {
    byte[] chunk = new byte[8192];
    try {
      for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
        if (!keep(chunk, n)) {
          whenExceeded.run();
        }
      }
    } catch (IOException e) {
      // The process is gone and its pipe with it: an end like any other.
    } finally {
      atEnd.countDown();
    }
  }

  private synchronized boolean keep(byte[] chunk, int length) {
    int room = Math.min(length, bound - kept.size());
    kept.write(chunk, 0, room);
    exceeded |= room < length;
    return !exceeded;
  }

  /** Waits for the end, at most this long: a grandchild may hold the pipe open for ever. */
  void awaitEnd(long millis) throws InterruptedException {
    atEnd.await(millis, TimeUnit.MILLISECONDS);
  }

  synchronized boolean exceeded() {
    return exceeded;
  }

  synchronized String text() {
    return kept.toString(StandardCharsets.UTF_8);
  }
}
