package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultCacheTest {
  private static final ContainerId ID = FakePlugins.id('a');
  private static final String CONFIG =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"bridge\"}]}";

  @TempDir Path folder = Path.of("");

  private Path results() {
    return folder.resolve("results");
  }

  private ResultCache cache() {
    return new ResultCache(folder);
  }

  private static Attachment attachment() throws CniFormatException {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("IgnoreUnknown", "1");
    args.put("K8S_POD_NAME", "web");
    return new Attachment(
        ID,
        "eth0",
        NetworkConfigList.parse(CONFIG),
        args,
        Json.parseObject("{\"portMappings\":[{\"hostPort\":80}]}"));
  }

  private void put() throws CniFormatException {
    cache()
        .put(
            attachment(),
            Path.of("/proc/7/ns/net"),
            Json.parseObject("{\"cniVersion\":\"1.0.0\",\"ips\":[]}"));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(results())) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFileIsOfLibcnisNameFormAndMode() throws Exception {
    put();
    assertThat(files()).containsExactly("pods-" + ID + "-eth0");
    Path file = results().resolve("pods-" + ID + "-eth0");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(results())))
        .isEqualTo("rwx------");
    // libcni, api.go, cachedInfo: field by field.
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {"kind":"cniCacheV1","containerId":"%s","config":"%s","ifName":"eth0",\
            "networkName":"pods","netns":"/proc/7/ns/net",\
            "cniArgs":[["IgnoreUnknown","1"],["K8S_POD_NAME","web"]],\
            "capabilityArgs":{"portMappings":[{"hostPort":80}]},\
            "result":{"cniVersion":"1.0.0","ips":[]}}\
            """
                .formatted(
                    ID,
                    Base64.getEncoder().encodeToString(CONFIG.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void whatWasPutIsFound() throws Exception {
    put();
    CachedAttachment found = cache().find(ID).getFirst();
    assertThat(found.config()).contains(CONFIG);
    assertThat(found.network()).isEqualTo("pods");
    assertThat(found.interfaceName()).isEqualTo("eth0");
    assertThat(found.args().toString()).isEqualTo("{IgnoreUnknown=1, K8S_POD_NAME=web}");
    assertThat(found.capabilityArgs()).isEqualTo(attachment().capabilityArgs());
    assertThat(found.result().map(Json::text)).contains("{\"cniVersion\":\"1.0.0\",\"ips\":[]}");
    assertThat(cache().find(FakePlugins.id('b'))).isEmpty();
  }

  @Test
  void aFileOfGosMakingWithoutArgumentsIsRead() throws Exception {
    write(
        "pods-" + ID + "-eth0",
        "{\"kind\":\"cniCacheV1\",\"containerId\":\""
            + ID
            + "\",\"config\":\"e30=\","
            + "\"ifName\":\"eth0\",\"networkName\":\"pods\",\"result\":{\"cniVersion\":\"0.4.0\"}}");
    CachedAttachment found = cache().find(ID).getFirst();
    assertThat(found.config()).contains("{}");
    assertThat(found.args()).isEmpty();
    assertThat(found.capabilityArgs().isEmpty()).isTrue();
  }

  @Test
  void aBareResultOfOldLibcniIsReadWithTheNamesInItsFileName() throws Exception {
    write("my-net-" + ID + "-eth0", "{\"cniVersion\":\"0.3.1\",\"ips\":[]}");
    CachedAttachment found = cache().find(ID).getFirst();
    assertThat(found.network()).isEqualTo("my-net");
    assertThat(found.interfaceName()).isEqualTo("eth0");
    assertThat(found.config()).isEmpty();
    assertThat(found.result()).isPresent();
  }

  @Test
  void filesThatMakeNoSenseArePassedOverAndForgottenWithTheRest() throws Exception {
    put();
    write("broken-" + ID + "-eth0", "{\"kind\":");
    write("other-" + ID + "-eth0", "{\"kind\":\"cniCacheV1\",\"containerId\":\"zzz\"}");
    write("empty-" + ID + "-eth0", "");
    write(
        "base-" + ID + "-eth0",
        "{\"kind\":\"cniCacheV1\",\"containerId\":\"" + ID + "\",\"config\":\"%\"}");
    write(".pods-" + ID + "-eth0.tmp", "{\"half\":");
    write("pods-" + FakePlugins.id('b') + "-eth0", "{\"cniVersion\":\"1.0.0\"}");

    assertThat(cache().find(ID)).extracting(CachedAttachment::network).containsExactly("pods");
    cache().forget(ID);
    assertThat(files()).containsExactly("pods-" + FakePlugins.id('b') + "-eth0");
  }

  @Test
  void aCacheThatWasNeverWrittenIsEmpty() {
    assertThat(cache().find(ID)).isEmpty();
    cache().forget(ID);
  }

  @Test
  void aDraftLeftByACrashIsNoHindrance() throws Exception {
    write(".pods-" + ID + "-eth0.tmp", "half");
    put();
    assertThat(files()).containsExactly("pods-" + ID + "-eth0");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws Exception {
    Files.writeString(results(), "a file in the folder's place");
    assertThatThrownBy(this::put)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .hasMessageContaining(results().toString());
  }

  private void write(String name, String content) throws IOException {
    Files.createDirectories(results());
    Files.writeString(results().resolve(name), content);
  }
}
