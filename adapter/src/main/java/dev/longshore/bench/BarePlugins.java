package dev.longshore.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The CNI plugins of a node, run one after the other as the specification says, no more. */
final class BarePlugins {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOOPBACK =
      """
      {"cniVersion": "1.0.0", "name": "cni-loopback", "plugins": [{"type": "loopback"}]}\
      """;

  private final JsonNode loopback;
  private final JsonNode network;
  private final List<Path> folders;

  /**
   * The network of the first .conflist in a folder.
   *
   * @param folders where plugins are
   * @throws CriException NOT_READY when there is none
   */
  BarePlugins(Path configurations, List<Path> folders) {
    this.folders = List.copyOf(folders);
    try (Stream<Path> files = Files.list(configurations)) {
      Path first =
          files
              .filter(file -> file.toString().endsWith(".conflist"))
              .sorted()
              .findFirst()
              .orElseThrow(() -> new IOException("it holds no .conflist"));
      loopback = JSON.readTree(LOOPBACK);
      network = JSON.readTree(Files.readString(first));
    } catch (IOException e) {
      throw new CriException(
          Kind.NOT_READY, "no CNI network in %s: %s".formatted(configurations, e.getMessage()), e);
    }
  }

  /** Gives a sandbox its network; what DEL needs of it later. */
  JsonNode add(String sandbox, int pid) throws InterruptedException {
    JsonNode _ = chain("ADD", loopback, "lo", sandbox, pid, JSON.createObjectNode());
    return chain("ADD", network, "eth0", sandbox, pid, JSON.createObjectNode());
  }

  void delete(String sandbox, int pid, JsonNode result) throws InterruptedException {
    JsonNode _ = chain("DEL", network, "eth0", sandbox, pid, result);
    JsonNode _ = chain("DEL", loopback, "lo", sandbox, pid, JSON.createObjectNode());
  }

  private JsonNode chain(
      String command, JsonNode list, String name, String sandbox, int pid, JsonNode known)
      throws InterruptedException {
    List<JsonNode> plugins = new ArrayList<>();
    list.get("plugins").forEach(plugins::add);
    JsonNode result = known;
    for (JsonNode plugin : command.equals("DEL") ? plugins.reversed() : plugins) {
      ObjectNode input = plugin.deepCopy();
      input.set("cniVersion", list.get("cniVersion"));
      input.set("name", list.get("name"));
      if (!result.isEmpty()) {
        input.set("prevResult", result);
      }
      JsonNode printed = run(command, name, sandbox, pid, input);
      result = printed.isEmpty() ? result : printed;
    }
    return result;
  }

  private JsonNode run(String command, String name, String sandbox, int pid, ObjectNode input)
      throws InterruptedException {
    String type = input.get("type").asText();
    Path binary =
        folders.stream()
            .map(folder -> folder.resolve(type))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(
                () -> new CriException(Kind.NOT_READY, "no CNI plugin " + type + " in " + folders));
    try {
      ProcessBuilder builder = new ProcessBuilder(binary.toString());
      builder.environment().put("CNI_COMMAND", command);
      builder.environment().put("CNI_CONTAINERID", sandbox);
      builder.environment().put("CNI_NETNS", "/proc/" + pid + "/ns/net");
      builder.environment().put("CNI_IFNAME", name);
      builder
          .environment()
          .put("CNI_PATH", folders.stream().map(Path::toString).collect(Collectors.joining(":")));
      Process process = builder.start();
      feed(process, JSON.writeValueAsBytes(input));
      String printed =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new CriException(
            Kind.INTERNAL, "CNI plugin %s fails to %s: %s".formatted(binary, command, printed));
      }
      return printed.isEmpty() ? JSON.createObjectNode() : JSON.readTree(printed);
    } catch (IOException e) {
      throw new CriException(Kind.INTERNAL, "cannot run CNI plugin %s: %s".formatted(binary, e), e);
    }
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException e) {
      // The plugin ended before it had read all: its exit code and output tell why.
    }
  }
}
