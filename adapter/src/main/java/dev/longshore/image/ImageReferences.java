package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.image.ImageReference.Name;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads image references by the grammar of the OCI distribution project (reference.go). */
final class ImageReferences {
  static final String ID_PREFIX = "sha256:";

  private static final int LONGEST_TEXT = 1_024;
  private static final int LONGEST_NAME = 255;
  private static final List<String> LEGACY_PREFIXES = List.of("docker-pullable://", "docker://");
  private static final String LEGACY_HUB = "index.docker.io";

  private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern MARKED_ID = Pattern.compile(ID_PREFIX + "([0-9a-f]{2,64})");
  // Shorter words are too likely to begin the id of an image that somebody else means: kubelet
  // would start that one in place of "cafe" or "ada".
  private static final Pattern BEGIN_OF_ID = Pattern.compile("[0-9a-f]{6,63}");
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
              + "|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
  private static final Pattern PATH_PART =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern SHA256 = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern OTHER_DIGEST =
      Pattern.compile("(?!sha256:)[a-z][a-z0-9]*(?:[+._-][a-z][a-z0-9]*)*:[0-9a-fA-F]{32,256}");

  private ImageReferences() {}

  static ImageReference parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new CriException(
          Kind.INVALID,
          "an image reference of %d characters is too long, at most %d are allowed: %s…"
              .formatted(text.length(), LONGEST_TEXT, text.substring(0, 64)));
    }
    String bare = withoutLegacyPrefix(text);
    if (FULL_ID.matcher(bare).matches()) {
      return new ImageReference.Id(bare);
    }
    if (MARKED_ID.matcher(bare).matches()) {
      return new ImageReference.Id(bare.substring(ID_PREFIX.length()));
    }
    return parseName(text, bare);
  }

  /** Whether Docker may find an image by this word as the start of its id. */
  static boolean mayBeginAnId(String word) {
    return BEGIN_OF_ID.matcher(word).matches();
  }

  private static String withoutLegacyPrefix(String text) {
    for (String prefix : LEGACY_PREFIXES) {
      if (text.startsWith(prefix)) {
        return text.substring(prefix.length());
      }
    }
    return text;
  }

  private static Name parseName(String text, String bare) {
    int at = bare.indexOf('@');
    Optional<String> digest = at < 0 ? Optional.empty() : Optional.of(bare.substring(at + 1));
    String tagged = at < 0 ? bare : bare.substring(0, at);
    int colon = tagged.lastIndexOf(':');
    boolean hasTag = colon > tagged.lastIndexOf('/');
    Optional<String> tag = hasTag ? Optional.of(tagged.substring(colon + 1)) : Optional.empty();
    String path = hasTag ? tagged.substring(0, colon) : tagged;

    checkDigest(text, digest);
    if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
      throw invalid(
          text, "the tag \"%s\" is not of up to 128 letters, digits, _ . -".formatted(tag.get()));
    }
    Name name = split(text, path, tag, digest);
    if (name.registry().length() + 1 + name.repository().length() > LONGEST_NAME) {
      throw invalid(
          text, "registry and repository have more than %d characters".formatted(LONGEST_NAME));
    }
    return name;
  }

  private static void checkDigest(String text, Optional<String> digest) {
    if (digest.isPresent()
        && !SHA256.matcher(digest.get()).matches()
        && !OTHER_DIGEST.matcher(digest.get()).matches()) {
      throw invalid(
          text,
          "the digest \"%s\" is not of the form sha256:<64 digits 0-9 a-f>"
              .formatted(digest.get()));
    }
  }

  private static Name split(
      String text, String path, Optional<String> tag, Optional<String> digest) {
    int slash = path.indexOf('/');
    String first = slash < 0 ? "" : path.substring(0, slash);
    boolean namesRegistry = isRegistry(first);
    String registry = namesRegistry && !first.equals(LEGACY_HUB) ? first : Name.DOCKER_HUB;
    String rest = namesRegistry ? path.substring(slash + 1) : path;
    if (!HOST.matcher(registry).matches()) {
      throw invalid(text, "\"%s\" is no registry host".formatted(registry));
    }
    checkRepository(text, rest);
    String repository =
        registry.equals(Name.DOCKER_HUB) && rest.indexOf('/') < 0 ? Name.OFFICIAL + rest : rest;
    Optional<String> effectiveTag =
        tag.isEmpty() && digest.isEmpty() ? Optional.of(Name.DEFAULT_TAG) : tag;
    return new Name(registry, repository, effectiveTag, digest);
  }

  private static boolean isRegistry(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || first.chars().anyMatch(Character::isUpperCase);
  }

  private static void checkRepository(String text, String repository) {
    if (repository.isEmpty()) {
      throw invalid(text, "it names no repository");
    }
    for (String part : repository.split("/", -1)) {
      if (!PATH_PART.matcher(part).matches()) {
        throw invalid(
            text,
            "\"%s\" in its repository is not made of a-z and 0-9, joined by . _ __ or -"
                .formatted(part));
      }
    }
  }

  private static CriException invalid(String text, String why) {
    return new CriException(Kind.INVALID, "\"%s\" is no image reference: %s".formatted(text, why));
  }
}
