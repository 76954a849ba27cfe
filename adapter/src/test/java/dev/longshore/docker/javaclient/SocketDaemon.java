package dev.longshore.docker.javaclient;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Something that listens on a Unix socket and answers as a test wants: like Docker, like a broken
 * Docker, or not at all. Answers {@code /_ping} by itself until {@link #pings} changes that.
 */
public final class SocketDaemon implements AutoCloseable {
  private static final int LARGEST_HEAD = 64 * 1024;

  private final Path socket;
  private final ServerSocketChannel server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Function<Request, Answer> pings;
  private volatile Function<Request, Answer> script = _ -> Answer.json(404, "{\"message\":\"no\"}");

  private SocketDaemon(Path socket, String version) {
    this.socket = socket;
    this.pings = _ -> Answer.json(200, "{}").with("Api-Version", version);
    try {
      Files.deleteIfExists(socket);
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket), 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** A daemon of that API version on a socket in that folder. */
  public static SocketDaemon start(Path folder, String version) {
    return new SocketDaemon(folder.resolve("docker.sock"), version);
  }

  public Path socket() {
    return socket;
  }

  DockerHost host() {
    return DockerHost.unix(socket);
  }

  /** How everything but pings is answered. */
  public SocketDaemon answers(Function<Request, Answer> changed) {
    script = changed;
    return this;
  }

  SocketDaemon answers(Answer always) {
    return answers(_ -> always);
  }

  SocketDaemon pings(Answer always) {
    pings = _ -> always;
    return this;
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  public List<String> lines() {
    return requests.stream().map(Request::line).toList();
  }

  /** Connections that the other side has not closed. */
  int connections() {
    return open.size();
  }

  /** Connections that were ever made. */
  int accepted() {
    return accepted.get();
  }

  /** Breaks every connection; new ones are taken. */
  void breakConnections() {
    open.forEach(SocketDaemon::closeQuietly);
  }

  @Override
  public void close() {
    closeQuietly(server);
    breakConnections();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        accepted.incrementAndGet();
        open.add(channel);
        Thread.ofVirtual().start(() -> serve(channel));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      InputStream in = Channels.newInputStream(channel);
      while (true) {
        Request request = Request.read(in);
        requests.add(request);
        Answer answer =
            request.path().equals("/_ping") ? pings.apply(request) : script.apply(request);
        channel.write(ByteBuffer.wrap(answer.bytes()));
        if (answer.silent()) {
          // Nothing more comes from here; what the other side does is awaited.
          in.readAllBytes();
          return;
        }
        if (answer.last()) {
          return;
        }
      }
    } catch (IOException e) {
      // The other side has gone, or the test broke the connection: nobody is left to tell.
    } finally {
      open.remove(channel);
    }
  }

  private static void closeQuietly(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request as it was read. */
  public record Request(String method, String path, Map<String, String> headers, String body) {
    String line() {
      return method + " " + path;
    }

    static Request read(InputStream in) throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0 || head.size() > LARGEST_HEAD) {
          throw new IOException("no request");
        }
        head.write(next);
      }
      String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r\n", -1);
      String[] first = lines[0].split(" ", -1);
      Map<String, String> headers = new HashMap<>();
      for (int i = 1; !lines[i].isEmpty(); i++) {
        int colon = lines[i].indexOf(':');
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      return new Request(first[0], first[1], headers, body);
    }
  }

  /**
   * What is written back.
   *
   * @param silent after the text the connection stays open and nothing more comes
   * @param last after the text the connection is closed
   */
  public record Answer(
      int status, Map<String, String> headers, String text, boolean silent, boolean last) {
    public static Answer json(int status, String body) {
      return new Answer(
          status,
          Map.of("Content-Type", "application/json", "Content-Length", "" + length(body)),
          body,
          false,
          false);
    }

    /** A body that ends with the connection, as Docker's streams do. */
    public static Answer stream(String body) {
      return new Answer(200, Map.of("Content-Type", "application/json"), body, false, true);
    }

    /** A stream that stays open after its first part. */
    static Answer openStream(String body) {
      return new Answer(200, Map.of("Content-Type", "application/json"), body, true, false);
    }

    /** Not a byte. */
    static Answer silence() {
      return new Answer(0, Map.of(), "", true, false);
    }

    /** Bytes that need not be HTTP, then the end. */
    static Answer raw(String text) {
      return new Answer(0, Map.of(), text, false, true);
    }

    Answer with(String header, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(header, value);
      return new Answer(status, more, text, silent, last);
    }

    byte[] bytes() {
      StringBuilder all = new StringBuilder();
      if (status > 0) {
        all.append("HTTP/1.1 ").append(status).append(" Said\r\n");
        headers.forEach(
            (name, value) -> all.append(name).append(": ").append(value).append("\r\n"));
        all.append("\r\n");
      }
      return all.append(text).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static int length(String body) {
      return body.getBytes(StandardCharsets.UTF_8).length;
    }
  }
}
