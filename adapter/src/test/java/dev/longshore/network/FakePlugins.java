package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.common.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * CNI's folders in a temporary one, with plugins that are small shell scripts. Each run is logged
 * with its environment and input, then does what the test wrote.
 */
final class FakePlugins {
  /** What a plugin answers to ADD: two addresses on eth0. */
  static final String RESULT =
      """
      {"cniVersion":"1.0.0","interfaces":[{"name":"br0"},{"name":"eth0","sandbox":"/ns"}],\
      "ips":[{"address":"10.5.0.9/24","gateway":"10.5.0.1","interface":1},\
      {"address":"fd05::9/64","interface":1}],"dns":{}}\
      """;

  static final String ALL_VERSIONS = "0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0";

  private final Path root;

  FakePlugins(Path root) throws IOException {
    this.root = root;
    for (Path folder : List.of(bin(), conf(), calls())) {
      Files.createDirectories(folder);
    }
    Files.createFile(netns());
    plugin("loopback", "echo '{\"cniVersion\":\"1.0.0\"}'");
  }

  Path bin() {
    return root.resolve("bin");
  }

  Path conf() {
    return root.resolve("net.d");
  }

  Path cache() {
    return root.resolve("cache");
  }

  Path results() {
    return cache().resolve("results");
  }

  /** A file in the place of a network namespace. */
  Path netns() {
    return root.resolve("netns");
  }

  private Path calls() {
    return root.resolve("calls");
  }

  CniOptions options() {
    return new CniOptions(conf(), List.of(bin()), cache(), root.resolve("state/pod-cidr"), "");
  }

  CniNetworks open() {
    return CniNetworks.open(options());
  }

  CniNetworks open(Duration statusEvery) {
    return CniNetworks.open(options(), statusEvery);
  }

  /** A plugin that speaks all versions; {@code body} is shell, with the input in $input. */
  Path plugin(String type, String body) {
    return plugin(type, ALL_VERSIONS, body);
  }

  Path plugin(String type, String versions, String body) {
    String supported =
        List.of(versions.split(" ", -1)).stream()
            .map(version -> '"' + version + '"')
            .collect(Collectors.joining(","));
    return script(
        type,
        """
        calls="%s"
        type="${0##*/}"
        echo "$CNI_COMMAND $type $CNI_CONTAINERID" >> "$calls/log"
        if [ "$CNI_COMMAND" = VERSION ]; then
          echo '{"cniVersion":"1.1.0","supportedVersions":[%s]}'
          exit 0
        fi
        read -r input
        printf '%%s' "$input" > "$calls/$CNI_COMMAND-$type-$CNI_CONTAINERID.in"
        set > "$calls/$CNI_COMMAND-$type-$CNI_CONTAINERID.env"
        %s
        """
            .formatted(calls(), supported, body));
  }

  /** An executable of this content; replaced whole, as package managers do. */
  Path script(String type, String body) {
    try {
      Path draft = Files.createTempFile(root, type, ".draft");
      Files.writeString(draft, "#!/bin/sh\n" + body);
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
      return Files.move(draft, bin().resolve(type), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a configuration file in place. */
  Path config(String fileName, String json) {
    try {
      return Files.writeString(conf().resolve(fileName), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A list of plugins that have nothing but their type. */
  static String list(String name, String version, String... types) {
    return "{\"cniVersion\":\"%s\",\"name\":\"%s\",\"plugins\":[%s]}"
        .formatted(
            version,
            name,
            List.of(types).stream()
                .map(type -> "{\"type\":\"" + type + "\"}")
                .collect(Collectors.joining(",")));
  }

  /** All runs, oldest first: verb, plugin and the id's first letter. */
  List<String> log() {
    Path log = calls().resolve("log");
    try {
      return Files.exists(log)
          ? Files.readAllLines(log).stream()
              .map(line -> line.replaceAll("([0-9a-f])[0-9a-f]{63}$", "$1").strip())
              .toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The runs of these verbs only. */
  List<String> log(String... verbs) {
    return log().stream().filter(line -> List.of(verbs).contains(line.split(" ", 2)[0])).toList();
  }

  /** The input of the last such run. */
  JsonNode input(String verb, String type, ContainerId id) throws Exception {
    return Json.parseObject(
        Files.readString(calls().resolve(verb + "-" + type + "-" + id + ".in")));
  }

  /** The environment of the last such run. */
  Map<String, String> environment(String verb, String type, ContainerId id) throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (String line : Files.readAllLines(calls().resolve(verb + "-" + type + "-" + id + ".env"))) {
      String[] parts = line.split("=", 2);
      if (parts.length == 2) {
        environment.put(parts[0], parts[1].replace("'", "")); // as sh's set prints it
      }
    }
    return environment;
  }

  /** An id of one digit, 64 times. */
  static ContainerId id(char digit) {
    return new ContainerId(String.valueOf(digit).repeat(64));
  }

  /** A pod web/default that asks for nothing special. */
  static PodNetworkRequest pod(ContainerId id) {
    return new PodNetworkRequest(
        id,
        "default",
        "web",
        "uid-1",
        List.of(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        List.of(),
        List.of(),
        List.of());
  }
}
