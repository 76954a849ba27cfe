package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The images of a fake daemon, with the daemon's way of reading references. Guarded by its lock.
 */
final class FakeImages {
  private final Map<String, EngineImage> byId = new LinkedHashMap<>();
  private final BiConsumer<String, String> event;

  /** {@code event} hears action and image id. */
  FakeImages(BiConsumer<String, String> event) {
    this.event = event;
  }

  static String hex(String seed) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** With Docker's defaults left out, and the tag written out where neither tag nor digest is. */
  static String familiar(String reference) {
    String name = reference;
    for (String prefix : List.of("docker.io/library/", "docker.io/", "index.docker.io/")) {
      if (name.startsWith(prefix)) {
        name = name.substring(prefix.length());
        break;
      }
    }
    boolean complete = name.contains("@") || name.lastIndexOf(':') > name.lastIndexOf('/');
    return complete ? name : name + ":latest";
  }

  static String repository(String familiar) {
    int at = familiar.indexOf('@');
    return at >= 0 ? familiar.substring(0, at) : familiar.substring(0, familiar.lastIndexOf(':'));
  }

  List<EngineImage> all() {
    return List.copyOf(byId.values());
  }

  /** Adds or replaces; tags move here from whatever image had them. */
  void put(EngineImage image) {
    for (String tag : image.tags()) {
      find(tag).ifPresent(old -> byId.put(old.id(), without(old, tag)));
    }
    byId.put(image.id(), image);
  }

  Optional<EngineImage> find(String reference) {
    String hex = reference.startsWith("sha256:") ? reference.substring(7) : reference;
    String familiar = familiar(reference);
    for (EngineImage image : byId.values()) {
      if (image.tags().contains(familiar) || image.digests().contains(familiar)) {
        return Optional.of(image);
      }
    }
    if (!hex.matches("[0-9a-f]{4,64}")) {
      return Optional.empty();
    }
    List<EngineImage> found =
        byId.values().stream().filter(i -> i.id().startsWith("sha256:" + hex)).toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  EngineImage require(String reference) {
    return find(reference)
        .orElseThrow(
            () -> new CriException(Kind.NOT_FOUND, "No such image: " + familiar(reference)));
  }

  void tag(String imageId, String reference) {
    EngineImage image = require(imageId);
    String tag = familiar(reference);
    find(tag).ifPresent(old -> byId.put(old.id(), without(old, tag)));
    EngineImage current = require(image.id());
    List<String> tags = new ArrayList<>(current.tags());
    tags.add(tag);
    byId.put(current.id(), with(current, tags, current.digests()));
    event.accept("tag", current.id());
  }

  /** {@code users} are the containers made from the image. */
  void remove(EngineImage image, String reference, boolean force, List<FakeContainer> users) {
    String familiar = familiar(reference);
    boolean byName = image.tags().contains(familiar) || image.digests().contains(familiar);
    if (byName && names(image) > 1 && !isLast(image, familiar)) {
      byId.put(image.id(), without(image, familiar));
      event.accept("untag", image.id());
      return;
    }
    if (!byName && image.tags().stream().map(FakeImages::repository).distinct().count() > 1) {
      requireForce(image, force, "image is referenced in multiple repositories");
    }
    for (FakeContainer user : users) {
      String use = "is using its referenced image";
      if (user.running()) {
        throw conflict(image, "cannot be forced", "image is being used by running container", user);
      }
      requireForce(image, force, "container " + user.id.shortForm() + " " + use);
    }
    byId.remove(image.id());
    for (int i = 0; i < names(image); i++) {
      event.accept("untag", image.id());
    }
    event.accept("delete", image.id());
  }

  private static int names(EngineImage image) {
    return image.tags().size() + image.digests().size();
  }

  private static boolean isLast(EngineImage image, String name) {
    String repository = repository(name);
    return image.tags().contains(name)
        && image.tags().size() == 1
        && image.digests().stream().allMatch(d -> repository(d).equals(repository));
  }

  private static void requireForce(EngineImage image, boolean force, String why) {
    if (!force) {
      throw new CriException(
          Kind.NOT_READY,
          "conflict: unable to delete %s (must be forced) - %s".formatted(shortId(image), why));
    }
  }

  private static CriException conflict(
      EngineImage image, String how, String why, FakeContainer user) {
    return new CriException(
        Kind.NOT_READY,
        "conflict: unable to delete %s (%s) - %s %s"
            .formatted(shortId(image), how, why, user.id.shortForm()));
  }

  private static String shortId(EngineImage image) {
    return image.id().substring(7, 19);
  }

  /** Without that name; with the last tag of a repository go its digests. */
  private static EngineImage without(EngineImage image, String name) {
    List<String> tags = image.tags().stream().filter(t -> !t.equals(name)).toList();
    String repository = repository(name);
    boolean lastTag =
        image.tags().contains(name)
            && tags.stream().noneMatch(t -> repository(t).equals(repository));
    List<String> digests =
        image.digests().stream()
            .filter(d -> !d.equals(name) && !(lastTag && repository(d).equals(repository)))
            .toList();
    return with(image, tags, digests);
  }

  private static EngineImage with(EngineImage image, List<String> tags, List<String> digests) {
    return new EngineImage(
        image.id(), tags, digests, image.sizeBytes(), image.user(), image.labels());
  }
}
