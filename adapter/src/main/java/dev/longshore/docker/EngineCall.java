package dev.longshore.docker;

import java.time.Duration;

/**
 * One request to Docker, as policies see it.
 *
 * @param subject container name or id, image reference, …; may be empty
 * @param work time the request itself asks Docker to take, such as a stop's grace
 */
record EngineCall(Kind kind, String subject, Duration work) {
  EngineCall(Kind kind, String subject) {
    this(kind, subject, Duration.ZERO);
  }

  @Override
  public String toString() {
    return subject.isEmpty() ? kind.word() : kind.word() + " " + subject;
  }

  /** What may be done about a request that fails or lasts. */
  enum Sort {
    /** Changes nothing: may be repeated. */
    READ,
    /** Changes something, within a bounded time. */
    MUTATION,
    /** Lasts as long as what it follows. */
    STREAM
  }

  /** The methods of {@link DockerEngine}. */
  enum Kind {
    PING("ping", Sort.READ),
    INFO("info", Sort.READ),
    LIST("list", Sort.READ),
    INSPECT("inspect", Sort.READ),
    INSPECT_EXEC("inspectExec", Sort.READ),
    IMAGES("images", Sort.READ),
    IMAGE("image", Sort.READ),
    IMAGE_SPEC("imageSpec", Sort.READ),
    REQUIRE_PATH("requirePath", Sort.READ),
    LAYERS("layers", Sort.READ),
    CONTAINERS_OF("containersOf", Sort.READ),
    CREATE("create", Sort.MUTATION),
    START("start", Sort.MUTATION),
    STOP("stop", Sort.MUTATION),
    KILL("kill", Sort.MUTATION),
    REMOVE("remove", Sort.MUTATION),
    UPDATE("update", Sort.MUTATION),
    CREATE_EXEC("createExec", Sort.MUTATION),
    TAG("tag", Sort.MUTATION),
    REMOVE_IMAGE("removeImage", Sort.MUTATION),
    RESIZE_EXEC("resizeExec", Sort.MUTATION),
    RESIZE("resizeContainer", Sort.MUTATION),
    RUN_EXEC("runExec", Sort.STREAM),
    START_EXEC("startExec", Sort.STREAM),
    ATTACH("attach", Sort.STREAM),
    PULL("pull", Sort.STREAM),
    EVENTS("events", Sort.STREAM),
    LOGS("followLogs", Sort.STREAM);

    private final String word;
    private final Sort sort;

    Kind(String word, Sort sort) {
      this.word = word;
      this.sort = sort;
    }

    /** The word in counts and messages. */
    String word() {
      return word;
    }

    Sort sort() {
      return sort;
    }
  }
}
