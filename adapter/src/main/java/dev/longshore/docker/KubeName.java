package dev.longshore.docker;

import java.util.Optional;

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

  public static KubeName sandbox(String pod, String namespace, String uid, long attempt) {
    return new KubeName(SANDBOX, pod, namespace, uid, attempt);
  }

  /** The parts of a Docker name, with or without its slash; empty for a name of another form. */
  public static Optional<KubeName> parse(String dockerName) {
    String name = dockerName.startsWith("/") ? dockerName.substring(1) : dockerName;
    String[] parts = name.split("_", -1);
    if ((parts.length != 6 && parts.length != 7) || !parts[0].equals(PREFIX)) {
      return Optional.empty();
    }
    try {
      long attempt = Integer.parseUnsignedInt(parts[5]) & 0xffff_ffffL;
      return Optional.of(new KubeName(parts[1], parts[2], parts[3], parts[4], attempt));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The name in Docker, without a slash. */
  public String toDockerName() {
    return String.join("_", PREFIX, container, pod, namespace, uid, Long.toString(attempt));
  }
}
