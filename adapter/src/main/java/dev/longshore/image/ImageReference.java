package dev.longshore.image;

import dev.longshore.common.CriException;
import java.util.Optional;

/** What somebody called an image: by a name or by an id. */
public sealed interface ImageReference {
  /**
   * What the text refers to. The prefixes {@code docker://} and {@code docker-pullable://}, which
   * cri-dockerd puts before its image references, are taken off.
   *
   * @throws CriException INVALID, quoting the text, when it is no image reference
   */
  static ImageReference parse(String text) {
    return ImageReferences.parse(text);
  }

  /**
   * The name in the text: what a pull needs.
   *
   * @throws CriException INVALID also when the text is an id
   */
  static Name parseName(String text) {
    return switch (parse(text)) {
      case Name name -> name;
      case Id id ->
          throw new CriException(
              CriException.Kind.INVALID,
              ("cannot pull an image by its id %s: registries know images by repository and tag or"
                      + " digest")
                  .formatted(id.lookup()));
    };
  }

  /** What to ask Docker for to find this image. */
  String lookup();

  /**
   * A name in a registry. Tag or digest is present; with both, the digest decides and the tag says
   * nothing, as in Docker and containerd.
   *
   * @param registry host with port as far as given; {@code docker.io} when the text names none
   * @param repository path in the registry; {@code library/busybox} for plain {@code busybox}
   * @param tag {@code latest} when the text has neither tag nor digest
   * @param digest with its algorithm: {@code sha256:…}
   */
  record Name(String registry, String repository, Optional<String> tag, Optional<String> digest)
      implements ImageReference {
    /** The registry of names that do not say which. */
    public static final String DOCKER_HUB = "docker.io";

    static final String OFFICIAL = "library/";
    static final String DEFAULT_TAG = "latest";

    /** The name as Docker prints it: without Docker's default registry, but with the tag. */
    public String familiar() {
      return familiarRepository() + suffix();
    }

    /** The name with every part written out. */
    public String canonical() {
      return registry + "/" + repository + suffix();
    }

    @Override
    public String lookup() {
      String plain = familiarRepository();
      boolean latest = digest.isEmpty() && tag.equals(Optional.of(DEFAULT_TAG));
      return latest && ImageReferences.mayBeginAnId(plain) ? plain : familiar();
    }

    private String familiarRepository() {
      if (!registry.equals(DOCKER_HUB)) {
        return registry + "/" + repository;
      }
      boolean official =
          repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0;
      return official ? repository.substring(OFFICIAL.length()) : repository;
    }

    private String suffix() {
      return digest.map(d -> "@" + d).or(() -> tag.map(t -> ":" + t)).orElse("");
    }

    @Override
    public String toString() {
      return familiar();
    }
  }

  /**
   * An image id.
   *
   * @param hex 64 lower-case digits, or fewer when the text said by its prefix that it is an id
   */
  record Id(String hex) implements ImageReference {
    @Override
    public String lookup() {
      return ImageReferences.ID_PREFIX + hex;
    }
  }
}
