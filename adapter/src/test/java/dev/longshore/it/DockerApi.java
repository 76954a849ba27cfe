package dev.longshore.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Docker's API asked by a second, independent way: what the tests believe comes from here. */
public final class DockerApi {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path socket;

  DockerApi(Path socket) {
    this.socket = socket;
  }

  /** The Engine that DOCKER_HOST names, or the machine's own. */
  public static DockerApi ofMachine() {
    String host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
    if (!host.startsWith("unix://")) {
      throw new IllegalStateException("DOCKER_HOST must be a Unix socket, got " + host);
    }
    return new DockerApi(Path.of(host.substring("unix://".length())));
  }

  Path socket() {
    return socket;
  }

  boolean answers() {
    try {
      return call("GET", "/_ping").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  JsonNode get(String path) throws IOException {
    Answer answer = call("GET", path);
    if (answer.status() >= 300) {
      throw new IOException("GET " + path + ": " + answer.status() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** Ids of all containers whose label has the value. */
  List<String> containersWith(String label, String value) throws IOException {
    String filters = "{\"label\":[\"" + label + "=" + value + "\"]}";
    List<String> ids = new ArrayList<>();
    get("/containers/json?all=1&filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8))
        .forEach(container -> ids.add(container.get("Id").asText()));
    return ids;
  }

  /**
   * Follows Docker's events until {@code until} says that it is enough: when each container ended,
   * in Docker's words. Docker remembers no more than 256 events, so they are read as they come.
   */
  void followDeaths(Map<String, Instant> deaths, BooleanSupplier until) throws IOException {
    String filters = URLEncoder.encode("{\"event\":[\"die\"]}", StandardCharsets.UTF_8);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String head =
          "GET /events?since=%d&filters=%s HTTP/1.0\r\nHost: docker\r\n\r\n"
              .formatted(Instant.now().getEpochSecond(), filters);
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      BufferedReader lines =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      while (!until.getAsBoolean()) {
        String line = lines.readLine();
        if (line == null) {
          throw new IOException("Docker's event stream ended");
        }
        if (line.startsWith("{")) {
          JsonNode event = JSON.readTree(line);
          deaths.put(
              event.get("id").asText(), Instant.ofEpochSecond(0, event.get("timeNano").asLong()));
        }
      }
    }
  }

  JsonNode inspect(String id) throws IOException {
    return get("/containers/" + id + "/json");
  }

  /** What {@code docker logs} shows of standard output, with the frames of Docker's API. */
  String logs(String id) throws IOException {
    return call("GET", "/containers/" + id + "/logs?stdout=1").body();
  }

  boolean runs(String id) {
    try {
      return inspect(id).get("State").get("Running").asBoolean();
    } catch (IOException e) {
      return false;
    }
  }

  void remove(String id) throws IOException {
    call("DELETE", "/containers/" + id + "?force=1&v=1");
  }

  /** Asks for an action, such as {@code pause}, on a container. */
  public void act(String id, String action) throws IOException {
    Answer answer = call("POST", "/containers/" + id + "/" + action);
    if (answer.status() >= 300) {
      throw new IOException(action + " " + id + ": " + answer.status() + " " + answer.body());
    }
  }

  void kill(String id) throws IOException {
    call("POST", "/containers/" + id + "/kill");
  }

  private Answer call(String method, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String head = method + " " + path + " HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n";
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(buffer) >= 0) {
        bytes.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return Answer.parse(bytes.toString(StandardCharsets.UTF_8));
    }
  }

  private record Answer(int status, String body) {
    static Answer parse(String text) throws IOException {
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        throw new IOException("not an HTTP answer: " + text);
      }
      int status = Integer.parseInt(text.substring(9, 12));
      return new Answer(status, text.substring(end + 4));
    }
  }
}
