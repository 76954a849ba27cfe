package dev.longshore.spec;

import static dev.longshore.spec.Row.mapped;

/** Rows of {@code linux.security_context}, which sandboxes and containers both have. */
final class SecurityRows {
  static final String SECURITY = "linux.security_context.";
  static final String NAMESPACES = SECURITY + "namespace_options.";

  private SecurityRows() {}

  /** A field of the context, and what it becomes in Docker's HostConfig. */
  static Row context(String field, String text, String name, String json) {
    return mapped(SECURITY + field, secured(text), "/HostConfig/" + name, json);
  }

  /** A field of the context that becomes Docker's user. */
  static Row user(String field, String text, String json) {
    return mapped(SECURITY + field, secured(text), "/User", json);
  }

  /** A field of the context's namespace options. */
  static Row namespace(String field, String text, String name, String json) {
    return context("namespace_options." + field, "namespace_options{" + text + "}", name, json);
  }

  /** The text of a configuration with that context. */
  static String secured(String text) {
    return "linux{security_context{" + text + "}}";
  }
}
