package dev.longshore.docker;

import java.util.Map;
import java.util.Optional;

/**
 * CRI labels and annotations among Docker's labels, in dockershim's form: labels verbatim,
 * annotations under {@code annotation.}, four keys of its own. One more key, {@link #LONGSHORE},
 * holds as JSON what that form cannot: which keys the request set (an image's labels are merged in
 * by Docker), values that collide, the runtime handler asked for, a hash of the request.
 */
public final class KubeLabels {
  public static final String TYPE = "io.kubernetes.docker.type";
  public static final String TYPE_SANDBOX = "podsandbox";
  public static final String TYPE_CONTAINER = "container";
  public static final String SANDBOX_ID = "io.kubernetes.sandbox.id";
  public static final String LOG_PATH = "io.kubernetes.container.logpath";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";
  public static final String LONGSHORE = "dev.longshore.cri";

  private KubeLabels() {}

  /**
   * What a create request says of itself, to be read back exactly.
   *
   * @param runtimeHandler as the sandbox's request named it; empty for containers and for adopted
   *     sandboxes
   * @param imageName the image as the user wrote it; empty for sandboxes and adopted containers
   * @param requestHash equal for equal requests; empty for adopted containers
   */
  public record Metadata(
      Map<String, String> labels,
      Map<String, String> annotations,
      Optional<String> runtimeHandler,
      String imageName,
      String requestHash) {
    public Metadata {
      labels = Map.copyOf(labels);
      annotations = Map.copyOf(annotations);
    }
  }

  /** Docker's labels of a new sandbox. */
  public static Map<String, String> forSandbox(Metadata metadata) {
    throw new UnsupportedOperationException();
  }

  /** Docker's labels of a new container. {@code logPath} is absolute, or empty for none. */
  public static Map<String, String> forContainer(
      Metadata metadata, String sandboxId, String logPath) {
    throw new UnsupportedOperationException();
  }

  /** What {@code dockerLabels} say; total: unreadable JSON counts as absent. */
  public static Metadata read(Map<String, String> dockerLabels) {
    throw new UnsupportedOperationException();
  }
}
