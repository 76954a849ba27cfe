package dev.longshore.logs;

import dev.longshore.docker.LogPiece;
import java.nio.ByteBuffer;

/** Output read through Docker's API, in memory: length (4 bytes), time (8), flags (1), content. */
final class PieceRecords implements RecordFormat {
  private static final int HEADER = Integer.BYTES + Long.BYTES + 1;
  private static final int STDOUT = 1;
  private static final int PARTIAL = 2;

  static byte[] encode(LogPiece piece) {
    byte[] content = piece.content();
    int flags = (piece.stdout() ? STDOUT : 0) | (piece.partial() ? PARTIAL : 0);
    return ByteBuffer.allocate(HEADER + content.length)
        .putInt(content.length)
        .putLong(piece.timeNanos())
        .put((byte) flags)
        .put(content)
        .array();
  }

  @Override
  public int translate(byte[] bytes, int from, int to, CriLines lines) {
    if (to - from < HEADER) {
      return INCOMPLETE;
    }
    ByteBuffer record = ByteBuffer.wrap(bytes, from, to - from);
    int length = record.getInt();
    if (record.remaining() < HEADER - Integer.BYTES + length) {
      return INCOMPLETE;
    }
    long nanos = record.getLong();
    int flags = record.get();
    lines.begin(nanos, (flags & STDOUT) != 0, (flags & PARTIAL) != 0);
    lines.put(bytes, from + HEADER, length);
    lines.end();
    return HEADER + length;
  }
}
