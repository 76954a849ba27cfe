package dev.longshore.docker;

/** Of a terminal, in characters; both at least 1. */
public record TerminalSize(int columns, int rows) {
  private static final int MOST = 0xffff;

  public TerminalSize {
    if (columns < 1 || rows < 1 || columns > MOST || rows > MOST) {
      throw new IllegalArgumentException(
          "a terminal has 1 to %d columns and rows, got %d x %d".formatted(MOST, columns, rows));
    }
  }
}
