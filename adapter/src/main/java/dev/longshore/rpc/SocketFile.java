package dev.longshore.rpc;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A path on which to listen, held by one process at a time. A lock on a file beside it decides who
 * that is; it is held until {@link #close}, longer than the socket is there, so that a successor
 * waits for the last call. One thread.
 */
public final class SocketFile implements ServedSocket {
  private static final Logger log = LoggerFactory.getLogger(SocketFile.class);
  // sockaddr_un.sun_path of Linux: 108 bytes with the closing zero (unix(7)).
  private static final int LONGEST_PATH = 107;
  private static final String MODE = "rw-rw----";
  private static final String LOCK_MODE = "rw-------";

  private final Path path;
  private final FileChannel lock;

  private SocketFile(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes the path: afterwards nobody else listens there and no file is in the way.
   *
   * @throws CriException NOT_READY when somebody does or the path cannot be used
   */
  public static SocketFile claim(Path path) {
    checkPlace(path);
    Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
    SocketFile file = new SocketFile(path, lock(path, lockPath));
    try {
      file.clear();
      return file;
    } catch (IOException e) {
      file.close();
      throw refused(path, e.toString(), e);
    } catch (CriException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public ChannelFactory<ServerChannel> channels() {
    return EpollServerDomainSocketChannel::new;
  }

  /** Gives the socket its mode. Netty removes it when it closes. */
  @Override
  public void bound() throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(MODE));
  }

  /** Lets others have the path. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      log.warn("could not unlock {}.lock: {}", path, e.toString());
    }
  }

  private static void checkPlace(Path path) {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw refused(
          path,
          "the path has %d bytes and Linux takes %d; choose a shorter one"
              .formatted(length, LONGEST_PATH),
          null);
    }
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw refused(path, "there is no directory %s; create it".formatted(folder), null);
    }
    if (Files.isDirectory(path)) {
      throw refused(path, "it is a directory; name a file in it", null);
    }
  }

  private static FileChannel lock(Path path, Path lockPath) {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              lockPath,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(LOCK_MODE)));
    } catch (IOException e) {
      throw refused(path, "cannot open its lock " + lockPath + ": " + e, e);
    }
    try {
      if (channel.tryLock() != null) {
        channel.truncate(0);
        channel.write(utf8(Long.toString(ProcessHandle.current().pid())), 0);
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another server of this very process has it.
    } catch (IOException e) {
      closeQuietly(channel);
      throw refused(path, "cannot lock " + lockPath + ": " + e, e);
    }
    String holder = readHolder(channel);
    closeQuietly(channel);
    throw refused(
        path, "another Longshore (pid %s) serves it; stop that one".formatted(holder), null);
  }

  private static String readHolder(FileChannel channel) {
    ByteBuffer digits = ByteBuffer.allocate(20);
    try {
      channel.read(digits, 0);
    } catch (IOException e) {
      log.debug("cannot read who holds the lock", e);
    }
    String text = StandardCharsets.UTF_8.decode(digits.flip()).toString();
    return text.isEmpty() ? "unknown" : text;
  }

  private void clear() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isOther()) {
      throw refused(path, "there is a file that is no socket; move it away", null);
    }
    if (somebodyListens()) {
      throw refused(path, "another program listens there; stop it or choose another path", null);
    }
    log.info("replacing socket {}, which nobody serves any more", path);
    Files.delete(path);
  }

  private boolean somebodyListens() throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // Not blocking: a full backlog answers "again", and somebody has filled it.
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  private static ByteBuffer utf8(String text) {
    return StandardCharsets.UTF_8.encode(text);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing a lock file", e);
    }
  }

  private static CriException refused(Path path, String why, @Nullable Exception cause) {
    return new CriException(
        Kind.NOT_READY, "cannot serve socket %s: %s".formatted(path, why), cause);
  }
}
