package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name a Kubernetes container has in Docker, as dockershim wrote it: {@code
 * k8s_<container>_<pod>_<namespace>_<uid>_<attempt>}, with {@code POD} in the place of the
 * container for a sandbox. cri-dockerd may append {@code _<8 hex digits>} after a conflict; that is
 * accepted and forgotten.
 *
 * @param container name of the container; {@link #SANDBOX} for a sandbox
 * @param attempt 0 to 2^32-1
 */
public record KubeName(String container, String pod, String namespace, String uid, long attempt) {
  /** The container part of every sandbox. */
  public static final String SANDBOX = "POD";

  private static final String PREFIX = "k8s";
  private static final String SEPARATOR = "_";
  private static final Pattern ATTEMPT = Pattern.compile("[0-9]{1,10}");
  private static final long MAX_ATTEMPT = 0xffff_ffffL;

  /**
   * Checks the parts.
   *
   * @throws CriException INVALID when a part holds an underscore, which separates parts: Docker
   *     would take the name, and nobody could read it back
   */
  public KubeName {
    for (String part : List.of(container, pod, namespace, uid)) {
      if (part.contains(SEPARATOR)) {
        throw new CriException(
            Kind.INVALID,
            "\"%s\" cannot be part of a container's name in Docker: it holds an underscore"
                .formatted(part));
      }
    }
    if (attempt < 0 || attempt > MAX_ATTEMPT) {
      throw new IllegalArgumentException("an attempt is 0 to 2^32-1, got " + attempt);
    }
  }

  public static KubeName sandbox(String pod, String namespace, String uid, long attempt) {
    return new KubeName(SANDBOX, pod, namespace, uid, attempt);
  }

  /** The parts of a Docker name, with or without its slash; empty for a name of another form. */
  public static Optional<KubeName> parse(String dockerName) {
    String name = dockerName.startsWith("/") ? dockerName.substring(1) : dockerName;
    String[] parts = name.split(SEPARATOR, -1);
    if ((parts.length != 6 && parts.length != 7)
        || !parts[0].equals(PREFIX)
        || !ATTEMPT.matcher(parts[5]).matches()) {
      return Optional.empty();
    }
    long attempt = Long.parseLong(parts[5]);
    return attempt > MAX_ATTEMPT
        ? Optional.empty()
        : Optional.of(new KubeName(parts[1], parts[2], parts[3], parts[4], attempt));
  }

  /** The name in Docker, without a slash. */
  public String toDockerName() {
    return String.join(SEPARATOR, PREFIX, container, pod, namespace, uid, Long.toString(attempt));
  }
}
