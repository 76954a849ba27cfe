package dev.longshore.config;

import java.io.Serial;
import java.util.List;

/** Arguments that cannot be used; carries one sentence per problem. */
public final class OptionsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public OptionsException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** Every problem found, at least one. */
  public List<String> problems() {
    return problems;
  }
}
