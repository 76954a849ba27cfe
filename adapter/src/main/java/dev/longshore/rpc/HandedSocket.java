package dev.longshore.rpc;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A listening Unix socket that the service manager made and hands over, as sd_listen_fds(3) tells.
 * It stays open there, so that calls made while Longshore restarts wait in its backlog.
 */
public final class HandedSocket implements ServedSocket {
  // SD_LISTEN_FDS_START.
  private static final int FIRST = 3;
  // The columns of /proc/net/unix (proc(5)): Num RefCount Protocol Flags Type St Inode Path.
  private static final int TYPE = 4;
  private static final int INODE = 6;
  private static final int PATH = 7;
  private static final String STREAM = "0001";

  private final Path path;

  private HandedSocket(Path path) {
    this.path = path;
  }

  /**
   * The socket handed over, if one was.
   *
   * @param environment {@code LISTEN_FDS}, and {@code LISTEN_PID}, which must be this process
   * @throws CriException NOT_READY when it is none that can be served
   */
  public static Optional<ServedSocket> of(Map<String, String> environment) {
    String count = environment.get("LISTEN_FDS");
    String meant = Long.toString(ProcessHandle.current().pid());
    if (count == null || !meant.equals(environment.get("LISTEN_PID"))) {
      return Optional.empty();
    }
    if (!count.equals("1")) {
      throw refused(
          "it hands over LISTEN_FDS=%s sockets and Longshore serves one".formatted(count));
    }
    return Optional.of(new HandedSocket(pathOf(FIRST)));
  }

  private static Path pathOf(int descriptor) {
    String link;
    try {
      link =
          Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor))).toString();
    } catch (IOException e) {
      throw refused("descriptor %d is not open: %s".formatted(descriptor, e));
    }
    String inode = link.replaceAll("^socket:\\[(\\d+)]$", "$1");
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"))) {
      return sockets
          .map(line -> line.strip().split("\\s+"))
          .filter(columns -> columns.length > PATH && columns[INODE].equals(inode))
          .filter(columns -> columns[TYPE].equals(STREAM) && columns[PATH].startsWith("/"))
          .map(columns -> Path.of(columns[PATH]))
          .findFirst()
          .orElseThrow(
              () ->
                  refused(
                      "descriptor %d (%s) is no Unix stream socket with a path; use ListenStream="
                              .formatted(descriptor, link)
                          + "/run/longshore.sock"));
    } catch (IOException e) {
      throw refused("cannot read /proc/net/unix: " + e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  /** The channel listens from the start; to bind it again would fail, so that is left out. */
  @Override
  public ChannelFactory<ServerChannel> channels() {
    return () -> {
      EpollServerDomainSocketChannel channel = new EpollServerDomainSocketChannel(FIRST, true);
      channel.pipeline().addLast(new BoundAlready());
      return channel;
    };
  }

  @Override
  public void bound() {
    // Mode and owner are the service manager's.
  }

  @Override
  public void close() {
    // The service manager keeps the socket for the next start.
  }

  private static CriException refused(String why) {
    return new CriException(Kind.NOT_READY, "cannot serve the service manager's socket: " + why);
  }

  private static final class BoundAlready extends ChannelOutboundHandlerAdapter {
    @Override
    public void bind(ChannelHandlerContext context, SocketAddress address, ChannelPromise promise) {
      promise.setSuccess();
    }
  }
}
