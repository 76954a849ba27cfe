package dev.longshore.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The configuration file and the {@code *.yaml} files of the folder {@code conf.d} beside it, read
 * in the order of their names; the last to give a key counts. A file is a YAML mapping of keys to
 * single values or lists of them. One thread.
 */
final class ConfigFiles {
  private static final String FOLDER = "conf.d";

  private final Map<String, Setting> settings = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private ConfigFiles() {}

  /** No file at all. */
  static ConfigFiles none() {
    return new ConfigFiles();
  }

  /**
   * Reads the files.
   *
   * @param required whether it is a problem that the first one is missing
   */
  static ConfigFiles read(Path file, boolean required) {
    ConfigFiles read = new ConfigFiles();
    if (required || Files.exists(file)) {
      read.add(file);
    }
    read.addFolder(file.resolveSibling(FOLDER));
    return read;
  }

  Optional<Setting> setting(String key) {
    return Optional.ofNullable(settings.get(key));
  }

  Iterable<Setting> settings() {
    return settings.values();
  }

  /** What is wrong with the files, values apart. */
  List<String> problems() {
    return problems;
  }

  private void addFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file :
          entries.filter(path -> path.toString().endsWith(".yaml")).sorted().toList()) {
        add(file);
      }
    } catch (IOException e) {
      unreadable(folder, e);
    }
  }

  private void unreadable(Path path, IOException e) {
    String why =
        switch (e) {
          case CharacterCodingException _ -> "it is not UTF-8";
          case NoSuchFileException _ -> "there is no such file";
          default -> e.toString();
        };
    problems.add("cannot read %s: %s".formatted(path, why));
  }

  private void add(Path file) {
    try {
      new Compose(LoadSettings.builder().build())
          .composeString(Files.readString(file))
          .ifPresent(root -> addAll(file, root));
    } catch (IOException e) {
      unreadable(file, e);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      problems.add("%s:%d: not YAML: %s".formatted(file, line, e.getProblem()));
    } catch (YamlEngineException e) {
      problems.add("%s: not YAML: %s".formatted(file, e.getMessage()));
    }
  }

  private void addAll(Path file, Node root) {
    if (!(root instanceof MappingNode mapping)) {
      problems.add(place(file, root) + ": must be a mapping, one \"key: value\" a line");
      return;
    }
    Map<String, String> places = new HashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
      String place = place(file, entry.getKeyNode());
      String before = places.putIfAbsent(key, place);
      if (before != null) {
        problems.add("%s: %s stands at %s already".formatted(place, key, before));
      }
      text(entry.getValueNode())
          .ifPresentOrElse(
              text -> settings.put(key, new Setting(key, text, place)),
              () ->
                  problems.add(
                      "%s: %s must be one value or a list of values".formatted(place, key)));
    }
  }

  /** The node as it would be typed after a flag; nothing for what a flag cannot hold. */
  private static Optional<String> text(Node node) {
    return switch (node) {
      case ScalarNode scalar ->
          Optional.of(scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue());
      case SequenceNode list when list.getValue().stream().allMatch(ScalarNode.class::isInstance) ->
          Optional.of(
              list.getValue().stream()
                  .map(item -> ((ScalarNode) item).getValue())
                  .collect(Collectors.joining(",")));
      default -> Optional.empty();
    };
  }

  private static String place(Path file, Node node) {
    return file + node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
  }
}
