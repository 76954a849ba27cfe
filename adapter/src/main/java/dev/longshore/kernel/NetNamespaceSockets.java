package dev.longshore.kernel;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets in the network namespace of another process. A socket belongs for ever to the
 * namespace it was made in, so only its making happens there: one thread of the platform enters by
 * setns(2), makes the socket and comes back; virtual threads, which share theirs, never enter. A
 * thread that cannot come back ends and is replaced. Thread-safe; needs CAP_SYS_ADMIN and {@code
 * --enable-native-access}.
 */
public final class NetNamespaceSockets implements AutoCloseable {
  private final Path proc;
  private final LinkedBlockingQueue<FutureTask<SocketChannel>> orders = new LinkedBlockingQueue<>();
  private final Object starting = new Object();
  private @Nullable Thread opener;
  private boolean closed;

  /** The opener's own: it is in a pod's namespace and must not open anything more. */
  private boolean stray;

  /** {@code proc} is where procfs is mounted. */
  public NetNamespaceSockets(Path proc) {
    this.proc = proc;
  }

  /**
   * A blocking socket, not connected, in the network namespace of the process.
   *
   * @throws IOException when there is no such process any more, or its namespace may not be entered
   */
  public SocketChannel open(int pid, StandardProtocolFamily family)
      throws IOException, InterruptedException {
    FutureTask<SocketChannel> order = new FutureTask<>(() -> openInside(pid, family));
    synchronized (starting) {
      if (closed) {
        throw new IOException("no sockets are opened any more: this is being closed");
      }
      if (opener == null) {
        stray = false;
        opener = Thread.ofPlatform().daemon().name("pod-sockets").start(this::serve);
      }
      orders.add(order);
    }
    try {
      return order.get();
    } catch (InterruptedException e) {
      // The order may be under way: its socket must not be left open.
      Thread.ofVirtual().name("abandoned socket").start(() -> closeResult(order));
      throw e;
    } catch (CancellationException e) {
      throw new IOException("no socket in the network of process " + pid + ": try again", e);
    } catch (ExecutionException e) {
      throw new IOException(
          "no socket in the network of process %d: %s"
              .formatted(pid, e.getCause() == null ? e : e.getCause().getMessage()),
          e);
    }
  }

  private static void closeResult(FutureTask<SocketChannel> order) {
    try {
      order.get().close();
    } catch (IOException | ExecutionException e) {
      // There is no socket to close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try {
      while (!stray) {
        orders.take().run();
      }
    } catch (InterruptedException e) {
      // Closed: whoever waits hears so below.
    }
    synchronized (starting) {
      opener = null;
      orders.forEach(order -> order.cancel(false));
      orders.clear();
    }
  }

  private SocketChannel openInside(int pid, StandardProtocolFamily family) throws IOException {
    int home = NamespaceCalls.open(proc.resolve("thread-self/ns/net"));
    try {
      int pod = NamespaceCalls.open(proc.resolve(pid + "/ns/net"));
      try {
        NamespaceCalls.enterNetwork(pod);
      } finally {
        Descriptors.close(pod);
      }
      try {
        return SocketChannel.open(family);
      } finally {
        comeBack(home);
      }
    } finally {
      Descriptors.close(home);
    }
  }

  private void comeBack(int home) throws IOException {
    try {
      NamespaceCalls.enterNetwork(home);
    } catch (IOException e) {
      stray = true;
      throw e;
    }
  }

  @Override
  public void close() {
    synchronized (starting) {
      closed = true;
      if (opener != null) {
        opener.interrupt();
      }
    }
  }
}
