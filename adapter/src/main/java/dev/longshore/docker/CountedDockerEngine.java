package dev.longshore.docker;

import java.util.Map;

/** A Docker Engine that counts the requests made of it. */
public final class CountedDockerEngine extends PolicedDockerEngine {
  private final CallCounter counter;

  /** Counts what reaches {@code target}: wrapped closest to the gateway, retries count too. */
  public CountedDockerEngine(DockerEngine target) {
    this(target, new CallCounter());
  }

  private CountedDockerEngine(DockerEngine target, CallCounter counter) {
    super(target, counter);
    this.counter = counter;
  }

  /**
   * Requests so far, by {@code kind outcome}: the kind is the method's name ({@code events} for
   * followEvents), the outcome {@code ok} or the failure's kind in lower case. A request is counted
   * when it ends.
   */
  public Map<String, Long> counts() {
    return counter.counts();
  }

  /** All requests that have ended. */
  public long total() {
    return counts().values().stream().mapToLong(Long::longValue).sum();
  }
}
