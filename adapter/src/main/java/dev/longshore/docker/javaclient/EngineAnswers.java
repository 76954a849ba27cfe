package dev.longshore.docker.javaclient;

import static dev.longshore.docker.javaclient.Fields.integer;
import static dev.longshore.docker.javaclient.Fields.list;
import static dev.longshore.docker.javaclient.Fields.text;
import static dev.longshore.docker.javaclient.Fields.texts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageLayers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Docker's answers about itself, its images and its events, as our records. Total. */
final class EngineAnswers {
  private static final List<String> DETAILS =
      List.of(
          "ID",
          "Name",
          "OperatingSystem",
          "OSVersion",
          "OSType",
          "Architecture",
          "KernelVersion",
          "NCPU",
          "MemTotal",
          "Containers",
          "Images",
          "InitBinary",
          "ExperimentalBuild");

  private static final String RUNTIME_FEATURES = "org.opencontainers.runtime-spec.features";
  private static final Pattern KERNEL = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  private EngineAnswers() {}

  /** {@code GET /info}. */
  static EngineInfo info(JsonNode info, ApiVersion version, ApiVersion daemonVersion) {
    List<String> runtimes = new ArrayList<>();
    info.path("Runtimes").fieldNames().forEachRemaining(runtimes::add);
    return new EngineInfo(
        text(info, "ServerVersion"),
        version.toString(),
        daemonVersion.toString(),
        text(info, "CgroupDriver"),
        text(info, "CgroupVersion").equals("2") ? 2 : 1,
        text(info, "DockerRootDir"),
        text(info, "Driver"),
        text(info, "LoggingDriver"),
        text(info, "DefaultRuntime"),
        runtimes.stream().sorted().toList(),
        list(info.path("SecurityOptions")),
        info.path("LiveRestoreEnabled").asBoolean(),
        recursiveReadonly(info, version),
        details(info),
        list(info.path("Warnings")));
  }

  /**
   * What the kernel (5.12: mount_setattr(2)), the Engine (API 1.44) and the runtime must all know;
   * runtimes tell their mount options since OCI 1.1, in a text inside the answer.
   */
  private static Set<String> recursiveReadonly(JsonNode info, ApiVersion version) {
    Set<String> able = new HashSet<>();
    if (version.atLeast(ApiVersion.RECURSIVE_READ_ONLY)
        && hasMountSetattr(text(info, "KernelVersion"))) {
      for (Map.Entry<String, JsonNode> runtime : info.path("Runtimes").properties()) {
        if (mountOptions(runtime.getValue()).contains("rro")) {
          able.add(runtime.getKey());
        }
      }
    }
    return able;
  }

  private static List<String> mountOptions(JsonNode runtime) {
    try {
      String features = text(runtime.path("status"), RUNTIME_FEATURES);
      return features.isEmpty()
          ? List.of()
          : list(Wire.JSON.readTree(features).path("mountOptions"));
    } catch (JsonProcessingException e) {
      return List.of();
    }
  }

  private static boolean hasMountSetattr(String kernel) {
    Matcher version = KERNEL.matcher(kernel);
    if (!version.lookingAt()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major > 5 || (major == 5 && Integer.parseInt(version.group(2)) >= 12);
  }

  /** {@code GET /images/{name}/json}. */
  static EngineImage image(JsonNode image) {
    JsonNode config = image.path("Config");
    return new EngineImage(
        text(image, "Id"),
        tags(image.path("RepoTags")),
        digests(image),
        integer(image, "Size"),
        text(config, "User"),
        texts(config.path("Labels")),
        texts(image.path("Descriptor").path("annotations")));
  }

  /**
   * The image's configuration in the form of the OCI (image-spec, config.md), as far as Docker
   * tells it.
   *
   * @param history {@code GET /images/{name}/history}, newest first
   */
  static ObjectNode imageSpec(JsonNode image, JsonNode history) {
    ObjectNode spec = Wire.JSON.createObjectNode();
    spec.put("created", text(image, "Created")).put("author", text(image, "Author"));
    spec.put("architecture", text(image, "Architecture")).put("os", text(image, "Os"));
    spec.set("config", image.path("Config"));
    spec.putObject("rootfs")
        .put("type", "layers")
        .set("diff_ids", image.path("RootFS").path("Layers"));
    ArrayNode steps = spec.putArray("history");
    for (JsonNode step : history) {
      steps
          .insertObject(0)
          .put("created", Instant.ofEpochSecond(integer(step, "Created")).toString())
          .put("created_by", text(step, "CreatedBy"))
          .put("comment", text(step, "Comment"))
          .put("empty_layer", integer(step, "Size") == 0);
    }
    return spec;
  }

  /** {@code GraphDriver} of the same; the names of its folders are overlay2's. */
  static ImageLayers layers(JsonNode driver) {
    JsonNode data = driver.path("Data");
    String all = text(data, "UpperDir") + ":" + text(data, "LowerDir");
    return new ImageLayers(
        text(driver, "Name"),
        Stream.of(all.split(":", -1)).filter(f -> !f.isEmpty()).map(Path::of).toList());
  }

  /** One entry of {@code GET /images/json}. */
  static EngineImage listed(JsonNode image) {
    return new EngineImage(
        text(image, "Id"),
        tags(image.path("RepoTags")),
        digests(image),
        integer(image, "Size"),
        "",
        Map.of());
  }

  /** One message of {@code GET /events}. */
  static EngineEvent event(JsonNode message) {
    JsonNode actor = message.path("Actor");
    EngineEvent.Type type =
        switch (text(message, "Type")) {
          case "container" -> EngineEvent.Type.CONTAINER;
          case "image" -> EngineEvent.Type.IMAGE;
          default -> EngineEvent.Type.OTHER;
        };
    return new EngineEvent(
        type,
        text(message, "Action"),
        text(actor, "ID"),
        texts(actor.path("Attributes")),
        integer(message, "timeNano"));
  }

  /**
   * With containerd's image store an id is a digest. Its list tells the digest reference of one
   * repository alone, the last by name, or a digest alone; its inspect, before 28, tells one
   * reference for each tag.
   */
  private static List<String> digests(JsonNode image) {
    List<String> told = names(image.path("RepoDigests"));
    String id = text(image, "Id");
    Stream<String> untold =
        told.stream().anyMatch(digest -> digest.endsWith(id))
            ? tags(image.path("RepoTags")).stream()
                .map(tag -> ImageReference.repository(tag) + "@" + id)
            : Stream.empty();
    return Stream.concat(told.stream().filter(digest -> digest.indexOf('@') > 0), untold)
        .distinct()
        .toList();
  }

  /** Without the digest references that containerd's image store has here too. */
  private static List<String> tags(JsonNode names) {
    return names(names).stream().filter(name -> name.indexOf('@') < 0).toList();
  }

  /** Without the placeholders of images that have no name. */
  private static List<String> names(JsonNode names) {
    return list(names).stream().filter(name -> !name.startsWith("<none>")).toList();
  }

  private static Map<String, String> details(JsonNode info) {
    Map<String, String> details = new TreeMap<>();
    for (String field : DETAILS) {
      String value = text(info, field);
      if (!value.isEmpty()) {
        details.put(field, value);
      }
    }
    for (JsonNode pair : info.path("DriverStatus")) {
      if (pair.path(0).asText().equals(EngineInfo.DRIVER_TYPE)) {
        details.put(EngineInfo.DRIVER_TYPE, pair.path(1).asText());
      }
    }
    return details;
  }
}
