package dev.longshore.logs;

import java.util.Arrays;

/** What copying needs, once per thread that copies. */
final class CopyBuffers {
  private static final int CHUNK = 128 * 1024;
  private static final int LARGEST = 64 * 1024 * 1024;

  final CriLines lines = new CriLines();
  private final RecordFormat json = new JsonRecords();
  private final RecordFormat local = new LocalRecords();
  private final RecordFormat pieces = new PieceRecords();
  byte[] input = new byte[CHUNK];
  private final LogFigures figures;
  private int unreadable;

  CopyBuffers(LogFigures figures) {
    this.figures = figures;
  }

  /**
   * Translates the whole records among the first bytes of {@link #input} to {@link #lines}.
   *
   * @return the length of those records, with {@link #unreadable} ones between
   * @throws UnreadableRecordException when the first is unreadable, and where the next is unknown
   */
  int translate(RecordFormat.Kind kind, int read) throws UnreadableRecordException {
    RecordFormat format =
        switch (kind) {
          case JSON -> json;
          case LOCAL -> local;
          case PIECES -> pieces;
        };
    lines.clear();
    unreadable = 0;
    int at = 0;
    while (at < read) {
      try {
        int length = format.translate(input, at, read, lines);
        if (length == RecordFormat.INCOMPLETE) {
          break;
        }
        at += length;
      } catch (UnreadableRecordException e) {
        if (e.skip() == 0 && at > 0) {
          break;
        }
        if (e.skip() == 0) {
          throw e;
        }
        unreadable += e.skip();
        at += e.skip();
      }
    }
    return at;
  }

  /** Where to count what is done with these buffers. */
  LogFigures figures() {
    return figures;
  }

  int unreadable() {
    return unreadable;
  }

  /** Makes room for a longer record; false when it would be too long. */
  boolean grow() {
    if (input.length >= LARGEST) {
      return false;
    }
    input = Arrays.copyOf(input, input.length * 2);
    return true;
  }

  /** Gives back what an odd record took. */
  void trim() {
    if (input.length > CHUNK) {
      input = new byte[CHUNK];
    }
  }
}
