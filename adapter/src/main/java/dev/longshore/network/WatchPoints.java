package dev.longshore.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which folders to watch so that no change of some paths is missed, whether those exist yet or not
 * and whatever symbolic links lie on the way: each folder on the way for one name in it, and the
 * folders asked for as a whole. One thread only.
 */
final class WatchPoints {
  private static final int MAX_LINKS = 40; // as in the kernel, path_resolution(7)

  private final Map<Path, Set<String>> named = new HashMap<>();
  private final Set<Path> whole = new HashSet<>();

  /** Everything that happens in the folder, its coming and its going. */
  void addFolder(Path folder) {
    Path real = follow(folder);
    if (Files.isDirectory(real)) {
      whole.add(real);
    }
  }

  /** What happens to one file, or to a link on the way to it. */
  void addFile(Path file) {
    var _ = follow(file);
  }

  /** The folders to watch; all existed a moment ago. */
  Set<Path> folders() {
    Set<Path> all = new HashSet<>(named.keySet());
    all.addAll(whole);
    return all;
  }

  /** Whether a change of this name in that folder matters. */
  boolean concern(Path folder, String name) {
    return whole.contains(folder) || named.getOrDefault(folder, Set.of()).contains(name);
  }

  /** As far as the path can be followed; notes every folder on the way. */
  private Path follow(Path path) {
    Path absolute = path.toAbsolutePath();
    Path root = Objects.requireNonNull(absolute.getRoot());
    Deque<Path> rest = new ArrayDeque<>();
    absolute.forEach(rest::add);
    Path at = root;
    int links = 0;
    while (!rest.isEmpty() && Files.isDirectory(at)) {
      Path step = rest.removeFirst();
      Path next = at.resolve(step).normalize();
      if (step.toString().equals(".") || step.toString().equals("..")) {
        at = next;
        continue;
      }
      named.computeIfAbsent(at, folder -> new HashSet<>()).add(step.toString());
      if (Files.isSymbolicLink(next) && links++ < MAX_LINKS) {
        Path target = target(next);
        at = target.isAbsolute() ? root : at;
        pushFront(rest, target);
      } else if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        at = next;
      } else {
        return next;
      }
    }
    return at;
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      // Gone meanwhile, which is an event in a folder already noted.
      return link;
    }
  }

  private static void pushFront(Deque<Path> rest, Path target) {
    Deque<Path> names = new ArrayDeque<>();
    target.forEach(names::push);
    names.forEach(rest::addFirst);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WatchPoints points
        && named.equals(points.named)
        && whole.equals(points.whole);
  }

  @Override
  public int hashCode() {
    return Objects.hash(named, whole);
  }
}
