package dev.longshore.metrics.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A page that is 200 when all of its checks pass, else 503; one line per check, as Kubernetes'
 * components write them.
 */
public final class HealthPage implements Page {
  private static final int OK = 200;
  private static final int NOT_OK = 503;

  private final Map<String, Check> checks;

  /** {@code checks} by name, in the order in which they are told. */
  public HealthPage(Map<String, Check> checks) {
    this.checks = new LinkedHashMap<>(checks);
  }

  @Override
  public Answer answer(String accept) throws InterruptedException {
    StringBuilder lines = new StringBuilder();
    int status = OK;
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      Optional<String> problem = check.getValue().problem();
      if (problem.isPresent()) {
        status = NOT_OK;
        lines.append("[-]%s failed: %s%n".formatted(check.getKey(), problem.get()));
      } else {
        lines.append("[+]%s ok%n".formatted(check.getKey()));
      }
    }
    return Answer.text(status, lines.append(status == OK ? "ok\n" : "failed\n").toString());
  }

  /** Something that must be right. */
  @FunctionalInterface
  public interface Check {
    /** What is wrong, if anything is; bounded in time. */
    Optional<String> problem() throws InterruptedException;
  }
}
