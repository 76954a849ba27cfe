package dev.longshore.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Docker's API without anything round it: a connection for each request, by HTTP/1.0, so that the
 * answer ends where the connection does. Thread-safe.
 */
final class DockerSocket {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER = 64 << 10;
  private static final int STATUS_AT = "HTTP/1.0 ".length();
  private static final int FIRST_FAILURE = 400;

  private final Path socket;

  DockerSocket(Path socket) {
    this.socket = socket;
  }

  /**
   * Makes a request and returns what is answered; an empty object for no content.
   *
   * @throws CriException INTERNAL with Docker's words, UNAVAILABLE when it is away
   */
  JsonNode ask(String method, String path, String body) {
    String answer;
    try {
      answer = exchange(method, path, body.getBytes(StandardCharsets.UTF_8));
      int end = answer.indexOf("\r\n\r\n");
      int status = Integer.parseInt(answer.substring(STATUS_AT, STATUS_AT + 3));
      String content = answer.substring(end + 4).strip();
      if (status >= FIRST_FAILURE) {
        throw new CriException(
            Kind.INTERNAL,
            "Docker answers %s %s with %d: %s".formatted(method, path, status, content));
      }
      return content.isEmpty() ? JsonNodeFactory.instance.objectNode() : JSON.readTree(content);
    } catch (IOException e) {
      throw new CriException(
          Kind.UNAVAILABLE,
          "cannot ask Docker at %s to %s %s: %s".formatted(socket, method, path, e),
          e);
    }
  }

  private String exchange(String method, String path, byte[] body) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String head =
          "%s %s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
              .formatted(method, path, body.length);
      write(channel, head.getBytes(StandardCharsets.US_ASCII));
      write(channel, body);
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }
}
