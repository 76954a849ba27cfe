package dev.longshore.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.bench.Subject.BenchPod;
import dev.longshore.client.CriClient;
import dev.longshore.client.TestPod;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.javaclient.SocketDaemon;
import dev.longshore.docker.javaclient.SocketDaemon.Answer;
import dev.longshore.docker.javaclient.SocketDaemon.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BareClientTest {
  private static final String SANDBOX =
      """
      {"Id": "theirs", "State": {"Pid": 4711},
       "Config": {"Image": "pause", "Hostname": "web", "Labels": {"io.kubernetes.pod.name": "web"}},
       "HostConfig": {"NetworkMode": "none"}}\
      """;
  private static final String CONTAINER =
      """
      {"Id": "c", "Config": {"Image": "app", "Hostname": "web", "Labels": {"a": "b"}},
       "HostConfig": {"NetworkMode": "container:theirs", "IpcMode": "container:theirs"}}\
      """;

  private final Path folder;
  private final Path log;
  private final SocketDaemon docker;
  private final AtomicInteger made = new AtomicInteger();
  private final CriClient unused = CriClient.of(Path.of("/unused"));

  BareClientTest(@TempDir Path folder) {
    this.folder = folder;
    log = folder.resolve("plugins.log");
    docker = SocketDaemon.start(folder, "1.41").answers(this::answer);
  }

  @BeforeEach
  void installPlugins() throws IOException {
    for (String type : List.of("loopback", "bridge", "portmap")) {
      Path plugin =
          Files.writeString(
              folder.resolve(type),
              """
              #!/bin/sh
              echo "%s $CNI_COMMAND $CNI_IFNAME $CNI_NETNS $(cat)" >> %s
              [ $CNI_COMMAND = DEL ] || echo '{"cniVersion": "1.0.0", "by": "%s"}'
              """
                  .formatted(type, log, type));
      Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.writeString(
        folder.resolve("10-net.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "bridge"}, {"type": "portmap"}]}\
        """);
  }

  @AfterEach
  void close() {
    unused.close();
    docker.close();
  }

  @Test
  void aPodIsMadeAsTheServersWasAndTakenAway() throws Exception {
    BareClient bare = client();
    bare.learn(
        new BenchPod(
            new TestPod(unused, "ns", "x", folder, Map.of()), "theirs", List.of("their-app")));
    int before = docker.lines().size();
    bare.start();
    bare.end(bare.pods().iterator().next());

    assertThat(docker.lines().stream().skip(before).map(line -> line.replaceAll("\\?name=.*", "")))
        .containsExactly(
            "POST /containers/create",
            "POST /containers/new1/start",
            "GET /containers/new1/json",
            "POST /containers/create",
            "POST /containers/new2/start",
            "GET /containers/new2/json",
            "POST /containers/new2/stop?t=10",
            "POST /containers/new1/stop?t=0",
            "DELETE /containers/new2?force=1&v=1",
            "DELETE /containers/new1?force=1&v=1");
    assertThat(bare.samples(Call.POD_START).count()).isEqualTo(1);
    assertThat(bare.samples(Call.POD_END).count()).isEqualTo(1);
    assertThat(bare.pods()).isEmpty();
  }

  @Test
  void theRequestsAreTheServersButForLabelsAndSandbox() throws Exception {
    BareClient bare = client();
    bare.learn(
        new BenchPod(
            new TestPod(unused, "ns", "x", folder, Map.of()), "theirs", List.of("their-app")));
    bare.start();
    List<JsonNode> bodies =
        docker.requests().stream()
            .filter(request -> request.path().startsWith("/containers/create"))
            .map(BareClientTest::json)
            .toList();
    assertThat(bodies.getFirst().get("Hostname").asText()).isEqualTo("web");
    assertThat(bodies.getFirst().get("Labels").toString())
        .isEqualTo("{\"dev.longshore.bench\":\"run-0000\"}");
    assertThat(bodies.getLast().at("/HostConfig/IpcMode").asText()).isEqualTo("container:new1");
    assertThat(bodies.getLast().has("Hostname")).isFalse();
  }

  @Test
  void pluginsRunInTheirOrderEachWithTheResultOfTheOneBefore() throws Exception {
    BarePlugins plugins = new BarePlugins(folder, List.of(folder));
    JsonNode result = plugins.add("s", 42);
    plugins.delete("s", 42, result);
    List<String> lines = Files.readAllLines(log);
    assertThat(lines.stream().map(line -> line.substring(0, line.indexOf('{')).strip()))
        .containsExactly(
            "loopback ADD lo /proc/42/ns/net",
            "bridge ADD eth0 /proc/42/ns/net",
            "portmap ADD eth0 /proc/42/ns/net",
            "portmap DEL eth0 /proc/42/ns/net",
            "bridge DEL eth0 /proc/42/ns/net",
            "loopback DEL lo /proc/42/ns/net");
    assertThat(lines.get(1)).doesNotContain("prevResult").contains("\"name\":\"net\"");
    assertThat(lines.get(2)).contains("\"by\":\"bridge\"");
    assertThat(lines.get(4)).contains("\"by\":\"portmap\"");
  }

  @Test
  void aRefusalIsToldInDockersWords() {
    docker.answers(_ -> Answer.stream("no such image"));
    assertThatThrownBy(() -> new DockerSocket(docker.socket()).ask("GET", "/containers/x/json", ""))
        .isInstanceOf(CriException.class);
    docker.answers(_ -> refusal());
    assertThatThrownBy(() -> new DockerSocket(docker.socket()).ask("POST", "/x", "{}"))
        .hasMessageContaining("no space left")
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
  }

  @Test
  void whatCouldNotBeMadeInFullIsTakenAwayToo() throws Exception {
    Files.writeString(folder.resolve("portmap"), "#!/bin/sh\nexit 1\n");
    BareClient bare = client();
    bare.learn(new BenchPod(new TestPod(unused, "ns", "x", folder, Map.of()), "theirs", List.of()));
    assertThatThrownBy(bare::start).hasMessageContaining("portmap fails to ADD");
    bare.cleanUp();
    assertThat(docker.lines()).last().isEqualTo("DELETE /containers/new1?force=1&v=1");
  }

  @Test
  void aPluginThatEndsBeforeItHasReadItsInputIsToldByItsExitCode() throws Exception {
    Path list = folder.resolve("10-net.conflist");
    // More than a pipe takes: whoever writes it is still writing when the plugin ends.
    String more = "{\"type\": \"portmap\", \"more\": \"%s\"}".formatted("x".repeat(200_000));
    Files.writeString(list, Files.readString(list).replace("{\"type\": \"portmap\"}", more));
    Files.writeString(folder.resolve("portmap"), "#!/bin/sh\necho no iptables; exit 1\n");
    BarePlugins plugins = new BarePlugins(folder, List.of(folder));
    assertThatThrownBy(() -> plugins.add("s", 42))
        .hasMessageContaining("portmap fails to ADD: no iptables");
  }

  private BareClient client() {
    return new BareClient(
        new DockerSocket(docker.socket()), new BarePlugins(folder, List.of(folder)), "run-0000");
  }

  private Answer answer(Request request) {
    String body =
        switch (request.path().replaceAll("\\?name=.*", "")) {
          case "/containers/create" -> "{\"Id\": \"new" + made.incrementAndGet() + "\"}";
          case "/containers/their-app/json" -> CONTAINER;
          case String list when list.startsWith("/containers/json?all=1") ->
              "[{\"Id\": \"new" + made + "\"}]";
          case "/containers/theirs/json", "/containers/new1/json" -> SANDBOX;
          default -> "";
        };
    return Answer.stream(body);
  }

  private static Answer refusal() {
    Answer answer = Answer.stream("{\"message\": \"no space left\"}");
    return new Answer(500, answer.headers(), answer.text(), false, true);
  }

  private static JsonNode json(Request request) {
    try {
      return new ObjectMapper().readTree(request.body());
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + request.body(), e);
    }
  }
}
