package dev.longshore;

/** Entry point. */
public final class Main {
  private Main() {}

  static void main() {}
}
