package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.BindMount;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.FixedMount;
import dev.longshore.docker.ContainerSpec.HostDevice;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.ContainerSpec.MountSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.PortBinding;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TestSpecs;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent, field by field: the files are what Docker's API documents for these requests. */
final class ContainerJsonTest {
  private static final ResourceSpec ALL_LIMITS =
      new ResourceSpec(
          OptionalLong.of(100_000),
          OptionalLong.of(50_000),
          OptionalLong.of(512),
          OptionalLong.of(67_108_864),
          OptionalLong.of(134_217_728),
          Optional.of("0-2,7"),
          Optional.of("0"),
          OptionalLong.of(-998));

  @Test
  void everyFieldHasItsPlace() throws IOException {
    assertThat(sent(ContainerJson.create(full(), ApiVersion.NEWEST)))
        .isEqualTo(golden("create-full"));
  }

  @Test
  void whatIsNotGivenIsLeftOut() throws IOException {
    ContainerSpec spec = TestSpecs.container("web", "busybox");
    assertThat(ContainerJson.create(spec, ApiVersion.OLDEST)).isEqualTo(golden("create-least"));
    assertThat(ContainerJson.create(spec, ApiVersion.NEWEST)).isEqualTo(golden("create-least"));
  }

  @ParameterizedTest
  @CsvSource({
    "1.40, create-mounts-1.41",
    "1.41, create-mounts-1.41",
    "1.42, create-mounts-1.42",
    "1.43, create-mounts-1.42",
    "1.44, create-mounts-1.44",
    "1.51, create-mounts-1.44"
  })
  void mountsAreWrittenAsTheVersionCanTakeThem(String version, String file) throws IOException {
    ContainerSpec spec =
        TestSpecs.withMounts(
            TestSpecs.container("web", "busybox"),
            List.of(
                new BindMount("/host/a", "/a", false, ""),
                new BindMount("/host/b", "/b", true, "rslave"),
                new BindMount("/host/with:colon", "/c", true, "rshared")));

    JsonNode host =
        ContainerJson.create(spec, ApiVersion.parse(version).orElseThrow()).path("HostConfig");

    assertThat(host).isEqualTo(golden(file));
  }

  @Test
  void mountsOfOneImageHaveSourcesThatDiffer() {
    String hex = "0123456789abcdef".repeat(4);
    ContainerSpec spec =
        TestSpecs.withMounts(
            TestSpecs.container("web", "busybox"),
            Stream.of("/a", "/b", "/c", "/d")
                .<MountSpec>map(target -> new ImageMount("sha256:" + hex, target, ""))
                .toList());

    JsonNode host = ContainerJson.create(spec, ApiVersion.NEWEST).path("HostConfig");

    assertThat(host.path("Mounts"))
        .extracting(mount -> mount.path("Source").asText())
        .containsExactly(
            "sha256:" + hex, hex, hex.substring(0, hex.length() - 1), hex.substring(0, 62));
  }

  @Test
  void imagesAndFoldersThatMustExistAreMountedReadOnly() throws IOException {
    ContainerSpec spec =
        TestSpecs.withMounts(
            TestSpecs.container("web", "busybox"),
            List.of(
                new ImageMount("sha256:abc", "/a", ""),
                new ImageMount("sha256:def", "/b", "etc"),
                new FixedMount("/host", "/c")));

    JsonNode host = ContainerJson.create(spec, ApiVersion.NEWEST).path("HostConfig");

    assertThat(host.path("Mounts"))
        .isEqualTo(
            Wire.JSON.readTree(
                """
                [{"Type": "image", "Source": "sha256:abc", "Target": "/a", "ReadOnly": true},
                 {"Type": "image", "Source": "sha256:def", "Target": "/b", "ReadOnly": true,
                  "ImageOptions": {"Subpath": "etc"}},
                 {"Type": "bind", "Source": "/host", "Target": "/c", "ReadOnly": true}]
                """));
  }

  @Test
  void anEmptyListThatIsGivenIsSent() {
    SecuritySpec unmasked =
        new SecuritySpec(
            false,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.of(List.of()),
            Optional.of(List.of()));
    ContainerSpec least = TestSpecs.container("web", "busybox");
    ContainerSpec spec =
        new ContainerSpec(
            least.name(),
            least.image(),
            least.labels(),
            least.process(),
            least.namespaces(),
            unmasked,
            least.resources(),
            least.mounts(),
            least.devices(),
            least.exposedPorts(),
            least.runtime(),
            LogSpec.DAEMONS_CHOICE);

    JsonNode host = ContainerJson.create(spec, ApiVersion.NEWEST).path("HostConfig");

    assertThat(host.path("MaskedPaths").toString()).isEqualTo("[]");
    assertThat(host.path("ReadonlyPaths").toString()).isEqualTo("[]");
  }

  @Test
  void anUpdateHasTheLimitsThatAreGivenAndNothingElse() throws IOException {
    assertThat(sent(ContainerJson.update(ALL_LIMITS))).isEqualTo(golden("update-full"));
    assertThat(ContainerJson.update(ResourceSpec.NONE).toString()).isEqualTo("{}");
    ResourceSpec noLimit =
        new ResourceSpec(
            OptionalLong.empty(),
            OptionalLong.of(-1),
            OptionalLong.empty(),
            OptionalLong.of(0),
            OptionalLong.of(-1),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty());
    assertThat(ContainerJson.update(noLimit).toString())
        .isEqualTo("{\"CpuQuota\":-1,\"Memory\":0,\"MemorySwap\":-1}");
  }

  @Test
  void theLoggingDriverIsAskedForOnlyWhenOneIsWanted() {
    ContainerSpec plain = TestSpecs.container("web", "image");
    LogSpec log = new LogSpec("local", Map.of("max-size", "16m"));
    assertThat(ContainerJson.create(plain, ApiVersion.NEWEST).toString())
        .doesNotContain("LogConfig");
    assertThat(ContainerJson.create(plain.withLog(log), ApiVersion.NEWEST).toString())
        .contains("\"LogConfig\":{\"Type\":\"local\",\"Config\":{\"max-size\":\"16m\"}}");
  }

  @Test
  void aCommandsOutputIsAttachedAndItsInputOnRequest() {
    assertThat(ContainerJson.exec(new ExecSpec(List.of("sh", "-c", "x"), true, true)).toString())
        .isEqualTo(
            "{\"AttachStdin\":true,\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":true,"
                + "\"Cmd\":[\"sh\",\"-c\",\"x\"]}");
    assertThat(ContainerJson.exec(new ExecSpec(List.of("sh"), false, false)).toString())
        .contains("\"AttachStdin\":false")
        .contains("\"Tty\":false");
  }

  private static ContainerSpec full() {
    return new ContainerSpec(
        "web",
        "sha256:" + "ab".repeat(32),
        Map.of("io.kubernetes.docker.type", "container", "quote", "\"&<é"),
        new ProcessSpec(
            List.of("/bin/sh", "-c"),
            List.of("echo hello"),
            List.of("A=1", "B=two words"),
            "/work",
            "1000:1000",
            "SIGUSR1",
            true,
            true,
            true),
        new NamespaceSpec(
            "container:" + "cd".repeat(32),
            "host",
            "shareable",
            "host",
            "web-0",
            "/kubepods/pod1",
            Map.of("net.core.somaxconn", "1024"),
            new DnsSpec(List.of("10.96.0.10"), List.of("svc.cluster.local"), List.of("ndots:5"))),
        new SecuritySpec(
            true,
            true,
            List.of("NET_ADMIN"),
            List.of("ALL"),
            List.of("seccomp=unconfined", "no-new-privileges"),
            List.of("2000", "3000"),
            Optional.of(List.of("/proc/kcore")),
            Optional.of(List.of("/proc/sys"))),
        ALL_LIMITS,
        List.of(new BindMount("/host", "/container", true, "rslave")),
        List.of(new HostDevice("/dev/fuse", "/dev/fuse0", "rwm")),
        List.of(
            new PortBinding(80, "tcp", "", 8080),
            new PortBinding(80, "tcp", "127.0.0.1", 8081),
            new PortBinding(53, "udp", "", 5353)),
        "crun",
        LogSpec.DAEMONS_CHOICE);
  }

  /** As it arrives: in text, all numbers are alike. */
  private static JsonNode sent(JsonNode body) throws IOException {
    return Wire.JSON.readTree(body.toString());
  }

  private static JsonNode golden(String name) throws IOException {
    String resource = "/docker/" + name + ".json";
    try (InputStream in =
        Objects.requireNonNull(ContainerJsonTest.class.getResourceAsStream(resource), resource)) {
      return Wire.JSON.readTree(in);
    }
  }
}
