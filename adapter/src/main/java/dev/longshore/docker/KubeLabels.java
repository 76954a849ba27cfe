package dev.longshore.docker;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  private static final String ANNOTATION = "annotation.";

  /** Keys no request may set: cri-dockerd hides them on reading, whoever wrote them. */
  private static final Set<String> RESERVED = Set.of(TYPE, SANDBOX_ID, LOG_PATH, LONGSHORE);

  /** 128 bits: enough to tell requests apart, and short beside the rest of the label. */
  private static final int HASH_DIGITS = 32;

  private KubeLabels() {}

  /**
   * What a create request says of itself, to be read back exactly.
   *
   * @param runtimeHandler as the sandbox's request named it; empty for containers and for adopted
   *     sandboxes
   * @param imageName the image as the user wrote it; empty for sandboxes and adopted containers
   * @param requestHash equal for equal requests; empty for adopted containers
   * @param kernelLimits limits that Docker has no field for: files of cgroup v2 and what to write
   *     to them when the container starts
   * @param imageVolumes the images whose content the container sees
   */
  public record Metadata(
      Map<String, String> labels,
      Map<String, String> annotations,
      Optional<String> runtimeHandler,
      String imageName,
      String requestHash,
      Map<String, String> kernelLimits,
      List<ImageVolume> imageVolumes) {
    /** Without limits beside Docker's, and without image volumes. */
    public Metadata(
        Map<String, String> labels,
        Map<String, String> annotations,
        Optional<String> runtimeHandler,
        String imageName,
        String requestHash) {
      this(labels, annotations, runtimeHandler, imageName, requestHash, Map.of(), List.of());
    }

    public Metadata {
      labels = Map.copyOf(labels);
      annotations = Map.copyOf(annotations);
      kernelLimits = Map.copyOf(kernelLimits);
      imageVolumes = List.copyOf(imageVolumes);
    }
  }

  /** Docker's labels of a new sandbox. */
  public static Map<String, String> forSandbox(Metadata metadata) {
    // The container name is for tools that are older than the type label (dockershim, 2016).
    return write(metadata, Map.of(TYPE, TYPE_SANDBOX, CONTAINER_NAME, KubeName.SANDBOX));
  }

  /** Docker's labels of a new container. {@code logPath} is absolute, or empty for none. */
  public static Map<String, String> forContainer(
      Metadata metadata, String sandboxId, String logPath) {
    // The log path is written when empty too: else an image made by "docker commit" of a pod's
    // container would lend its own.
    return write(metadata, Map.of(TYPE, TYPE_CONTAINER, SANDBOX_ID, sandboxId, LOG_PATH, logPath));
  }

  /**
   * What {@code dockerLabels} say; total: unreadable JSON counts as absent. Without {@link
   * #LONGSHORE} the answer is what cri-dockerd would give, image labels included.
   */
  public static Metadata read(Map<String, String> dockerLabels) {
    return Optional.ofNullable(dockerLabels.get(LONGSHORE))
        .flatMap(HiddenLabel::parse)
        .flatMap(hidden -> readOwn(hidden, dockerLabels))
        .orElseGet(() -> readAdopted(dockerLabels));
  }

  /**
   * Short text that is equal for equal bytes and, for all practical purposes, only for those.
   * Messages with maps must be serialized deterministically.
   */
  public static String hash(byte[] request) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(request);
      return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Map<String, String> write(Metadata metadata, Map<String, String> own) {
    Map<String, String> docker = new HashMap<>(metadata.labels);
    metadata.annotations.forEach((key, value) -> docker.put(ANNOTATION + key, value));
    docker.keySet().removeAll(RESERVED);
    docker.putAll(own);
    Map<String, String> lost = new HashMap<>(metadata.labels);
    lost.entrySet().removeIf(label -> label.getValue().equals(docker.get(label.getKey())));
    docker.put(
        LONGSHORE,
        new HiddenLabel(
                docker.getOrDefault(SANDBOX_ID, ""),
                metadata.labels.keySet(),
                metadata.annotations.keySet(),
                lost,
                metadata.runtimeHandler,
                metadata.imageName,
                metadata.requestHash,
                metadata.kernelLimits,
                metadata.imageVolumes)
            .toJson());
    return docker;
  }

  /** Empty when the hidden label was not written for this container. */
  private static Optional<Metadata> readOwn(HiddenLabel hidden, Map<String, String> docker) {
    if (!hidden.sandboxId().equals(docker.getOrDefault(SANDBOX_ID, ""))) {
      // Inherited from an image that was committed from a container of ours.
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>(hidden.lostLabels());
    for (String key : hidden.labelKeys()) {
      labels.putIfAbsent(key, docker.getOrDefault(key, ""));
    }
    Map<String, String> annotations = new HashMap<>();
    for (String key : hidden.annotationKeys()) {
      annotations.put(key, docker.getOrDefault(ANNOTATION + key, ""));
    }
    return Optional.of(
        new Metadata(
            labels,
            annotations,
            hidden.runtimeHandler(),
            hidden.imageName(),
            hidden.requestHash(),
            hidden.kernelLimits(),
            hidden.imageVolumes()));
  }

  private static Metadata readAdopted(Map<String, String> docker) {
    boolean sandbox = TYPE_SANDBOX.equals(docker.get(TYPE));
    Map<String, String> labels = new HashMap<>();
    Map<String, String> annotations = new HashMap<>();
    docker.forEach(
        (key, value) -> {
          if (RESERVED.contains(key) || (sandbox && key.equals(CONTAINER_NAME))) {
            return;
          }
          if (key.startsWith(ANNOTATION)) {
            annotations.put(key.substring(ANNOTATION.length()), value);
          } else {
            labels.put(key, value);
          }
        });
    return new Metadata(labels, annotations, Optional.empty(), "", "");
  }
}
