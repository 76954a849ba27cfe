package dev.longshore.docker;

import static dev.longshore.docker.KubeLabels.CONTAINER_NAME;
import static dev.longshore.docker.KubeLabels.LOG_PATH;
import static dev.longshore.docker.KubeLabels.LONGSHORE;
import static dev.longshore.docker.KubeLabels.SANDBOX_ID;
import static dev.longshore.docker.KubeLabels.TYPE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.KubeLabels.Metadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubeLabelsTest {
  private static final String SANDBOX = "5a".repeat(32);

  static Stream<Arguments> metadata() {
    return Stream.of(
        Arguments.of("nothing at all", Map.of(), Map.of()),
        Arguments.of("labels and annotations", Map.of("app", "web"), Map.of("note", "x")),
        Arguments.of("one key in both", Map.of("app", "label"), Map.of("app", "annotation")),
        Arguments.of("a label like an annotation", Map.of("annotation.app", "x"), Map.of()),
        Arguments.of(
            "a label where an annotation stands",
            Map.of("annotation.app", "label"),
            Map.of("app", "annotation")),
        Arguments.of(
            "an annotation of an annotation's name", Map.of(), Map.of("annotation.app", "x")),
        Arguments.of(
            "every reserved key",
            Map.of(TYPE, "mine", SANDBOX_ID, "mine", LOG_PATH, "/mine", LONGSHORE, "{\"v\":1}"),
            Map.of(TYPE, "a", SANDBOX_ID, "a", LOG_PATH, "a", LONGSHORE, "a")),
        Arguments.of("the container's name", Map.of(CONTAINER_NAME, "web"), Map.of()),
        Arguments.of("empty values and keys", Map.of("a", "", "", "b"), Map.of("c", "", "", "")),
        Arguments.of(
            "any text",
            Map.of("a", "\u0000\"\\\n\u2028\u00e9\u6f22\ud83d\ude80", "\"k\\", "{}"),
            Map.of("\ud83d\ude80", " " + "\t\r\n</script>", "k=v", "x".repeat(100_000))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("metadata")
  void aSandboxReadsBackAsWritten(
      String title, Map<String, String> labels, Map<String, String> annotations) {
    Metadata written = new Metadata(labels, annotations, Optional.of("gvisor"), "", "hash");
    Map<String, String> docker = KubeLabels.forSandbox(written);
    assertThat(KubeLabels.read(withImageLabels(docker))).as(title).isEqualTo(written);
    assertThat(docker).containsEntry(TYPE, "podsandbox").containsEntry(CONTAINER_NAME, "POD");
    assertThat(docker).doesNotContainKeys(SANDBOX_ID, LOG_PATH);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("metadata")
  void aContainerReadsBackAsWritten(
      String title, Map<String, String> labels, Map<String, String> annotations) {
    Metadata written = new Metadata(labels, annotations, Optional.empty(), "nginx:1", "hash");
    Map<String, String> docker = KubeLabels.forContainer(written, SANDBOX, "/var/log/pods/0.log");
    assertThat(KubeLabels.read(withImageLabels(docker))).as(title).isEqualTo(written);
    assertThat(docker)
        .containsEntry(TYPE, "container")
        .containsEntry(SANDBOX_ID, SANDBOX)
        .containsEntry(LOG_PATH, "/var/log/pods/0.log");
  }

  @Test
  void anythingReadsBackAsWritten() {
    var random = new Random(7);
    List<String> keys =
        List.of("a", "annotation.a", "annotation.annotation.a", TYPE, LONGSHORE, SANDBOX_ID, "");
    for (int i = 0; i < 2_000; i++) {
      Metadata written =
          new Metadata(
              some(keys, random),
              some(keys, random),
              random.nextBoolean() ? Optional.of("") : Optional.empty(),
              Integer.toString(i),
              "");
      Map<String, String> docker =
          random.nextBoolean()
              ? KubeLabels.forSandbox(written)
              : KubeLabels.forContainer(written, SANDBOX, "");
      assertThat(KubeLabels.read(withImageLabels(docker))).isEqualTo(written);
    }
  }

  @Test
  void imageVolumesReadBackAsWritten() {
    List<ImageVolume> volumes =
        List.of(
            new ImageVolume("/data", "data:1", "sha256:abc", ""),
            new ImageVolume("/more", "sha256:abc", "sha256:abc", "etc/x"));
    Metadata written =
        new Metadata(Map.of(), Map.of(), Optional.empty(), "nginx:1", "hash", Map.of(), volumes);

    assertThat(KubeLabels.read(KubeLabels.forContainer(written, SANDBOX, ""))).isEqualTo(written);
  }

  @Test
  void cridockerdFindsLabelsAndAnnotationsWhereItPutsThem() {
    Metadata metadata =
        new Metadata(Map.of("app", "web"), Map.of("note", "x"), Optional.empty(), "", "");
    assertThat(KubeLabels.forContainer(metadata, SANDBOX, "/l"))
        .containsEntry("app", "web")
        .containsEntry("annotation.note", "x");
  }

  @Test
  void theHiddenLabelIsStable() {
    Metadata metadata =
        new Metadata(
            Map.of("b", "2", "a", "1", TYPE, "t"), Map.of("n", ""), Optional.of(""), "i", "h");
    assertThat(KubeLabels.forContainer(metadata, SANDBOX, ""))
        .containsEntry(
            LONGSHORE,
            "{\"v\":1,\"sandbox\":\""
                + SANDBOX
                + "\",\"labels\":[\"a\",\"b\",\"io.kubernetes.docker.type\"],"
                + "\"annotations\":[\"n\"],\"lost\":{\"io.kubernetes.docker.type\":\"t\"},"
                + "\"handler\":\"\",\"image\":\"i\",\"hash\":\"h\"}");
  }

  @Test
  void fieldsOfALaterMinorVersionAreIgnored() {
    Map<String, String> docker = new HashMap<>();
    docker.put("app", "web");
    docker.put("leak", "x");
    docker.put(
        LONGSHORE,
        "{\"v\":1,\"sandbox\":\"\",\"labels\":[\"app\"],\"annotations\":[],\"image\":\"\","
            + "\"hash\":\"h\",\"later\":{\"x\":[1]}}");
    assertThat(KubeLabels.read(docker).labels()).containsExactly(Map.entry("app", "web"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "7",
        "[]",
        "{}",
        "{\"v\":2}",
        "{\"v\":1}",
        "{\"v\":\"x\"}",
        "{\"v\":1,\"sandbox\":\"\",\"labels\":[7],\"annotations\":[],\"image\":\"\",\"hash\":\"\"}",
        "{\"v\":1,\"sandbox\":\"\",\"labels\":{},\"annotations\":[],\"image\":\"\",\"hash\":\"\"}",
        "{\"v\":1,\"sandbox\":null,\"labels\":[],\"annotations\":[],\"image\":\"\",\"hash\":\"\"}"
      })
  void anUnreadableHiddenLabelCountsAsAbsent(String json) {
    Map<String, String> docker = Map.of(TYPE, "container", "app", "web", LONGSHORE, json);
    assertThat(KubeLabels.read(docker))
        .isEqualTo(new Metadata(Map.of("app", "web"), Map.of(), Optional.empty(), "", ""));
  }

  @Test
  void aHiddenLabelInheritedFromACommittedImageCountsAsAbsent() {
    Metadata first = new Metadata(Map.of("app", "old"), Map.of(), Optional.empty(), "old", "h");
    Map<String, String> docker = KubeLabels.forContainer(first, "00".repeat(32), "/old");
    docker.put(SANDBOX_ID, SANDBOX);
    docker.put("app", "new");
    docker.put("annotation.note", "new");
    assertThat(KubeLabels.read(docker))
        .isEqualTo(
            new Metadata(Map.of("app", "new"), Map.of("note", "new"), Optional.empty(), "", ""));
  }

  @Test
  void aSandboxOfCridockerdIsReadAsCridockerdReadsIt() {
    Map<String, String> docker =
        Map.of(
            "annotation.kubernetes.io/config.seen", "2024-05-02T09:11:32.104127604Z",
            "annotation.kubernetes.io/config.source", "api",
            "app", "web",
            "io.kubernetes.container.name", "POD",
            "io.kubernetes.docker.type", "podsandbox",
            "io.kubernetes.pod.name", "web-0",
            "io.kubernetes.pod.namespace", "default",
            "io.kubernetes.pod.uid", "7c1e6d4f-0b8e-4f0e-9d0b-3d4c2b1a0f9e");
    Metadata read = KubeLabels.read(docker);
    assertThat(read.labels())
        .isEqualTo(
            Map.of(
                "app", "web",
                "io.kubernetes.pod.name", "web-0",
                "io.kubernetes.pod.namespace", "default",
                "io.kubernetes.pod.uid", "7c1e6d4f-0b8e-4f0e-9d0b-3d4c2b1a0f9e"));
    assertThat(read.annotations())
        .isEqualTo(
            Map.of(
                "kubernetes.io/config.seen", "2024-05-02T09:11:32.104127604Z",
                "kubernetes.io/config.source", "api"));
    assertThat(read.runtimeHandler()).isEmpty();
  }

  @Test
  void aContainerOfCridockerdKeepsItsNameAndTheImagesLabels() {
    Map<String, String> docker =
        Map.of(
            "annotation.io.kubernetes.container.hash", "d4a9d9e3",
            "annotation.io.kubernetes.container.restartCount", "0",
            "io.kubernetes.container.logpath", "/var/log/pods/default_web-0_7c1e/nginx/0.log",
            "io.kubernetes.container.name", "nginx",
            "io.kubernetes.docker.type", "container",
            "io.kubernetes.pod.name", "web-0",
            "io.kubernetes.sandbox.id", SANDBOX,
            "maintainer", "NGINX Docker Maintainers");
    Metadata read = KubeLabels.read(docker);
    assertThat(read.labels())
        .isEqualTo(
            Map.of(
                "io.kubernetes.container.name", "nginx",
                "io.kubernetes.pod.name", "web-0",
                "maintainer", "NGINX Docker Maintainers"));
    assertThat(read.annotations())
        .isEqualTo(
            Map.of(
                "io.kubernetes.container.hash", "d4a9d9e3",
                "io.kubernetes.container.restartCount", "0"));
  }

  @Test
  void hashesAreShortAndTellRequestsApart() {
    assertThat(KubeLabels.hash("abc".getBytes(UTF_8)))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223");
    assertThat(KubeLabels.hash(new byte[0])).isNotEqualTo(KubeLabels.hash(new byte[1]));
  }

  /** What Docker adds: labels of the image whose key the request did not use. */
  private static Map<String, String> withImageLabels(Map<String, String> docker) {
    Map<String, String> merged = new HashMap<>(docker);
    for (String key : List.of("maintainer", "annotation.leak", "org.opencontainers.image.title")) {
      merged.putIfAbsent(key, "from the image");
    }
    return merged;
  }

  private static Map<String, String> some(List<String> keys, Random random) {
    Map<String, String> some = new HashMap<>();
    for (String key : keys) {
      if (random.nextBoolean()) {
        some.put(key, Integer.toString(random.nextInt(3)));
      }
    }
    return some;
  }
}
