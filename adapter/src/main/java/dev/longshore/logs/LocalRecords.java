package dev.longshore.logs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Docker's driver {@code local}, and its cache for drivers that cannot be read: length (4 bytes,
 * big-endian), a protobuf {@code LogEntry}, the length again. Bytes of output are kept as they are.
 */
final class LocalRecords implements RecordFormat {
  private static final int FRAME = 4;
  private static final int LONGEST = 64 * 1024 * 1024;
  private static final byte[] STDERR = "stderr".getBytes(StandardCharsets.US_ASCII);

  // LogEntry: source 1, time_nano 2, line 3, partial 4, partial_log_metadata 5 (its last: 1).
  private static final int SOURCE = 1;
  private static final int TIME = 2;
  private static final int LINE = 3;
  private static final int PARTIAL = 4;
  private static final int METADATA = 5;

  @Override
  public int translate(byte[] bytes, int from, int to, CriLines lines)
      throws UnreadableRecordException {
    if (to - from < FRAME) {
      return INCOMPLETE;
    }
    int size = number(bytes, from);
    if (size <= 0 || size > LONGEST) {
      throw new UnreadableRecordException(0);
    }
    int whole = size + 2 * FRAME;
    if (to - from < whole) {
      return INCOMPLETE;
    }
    if (number(bytes, from + FRAME + size) != size) {
      throw new UnreadableRecordException(0);
    }
    try {
      new Entry(bytes, from + FRAME, from + FRAME + size).write(lines);
    } catch (IndexOutOfBoundsException e) {
      throw new UnreadableRecordException(whole);
    }
    return whole;
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }

  /** One protobuf message, read field by field. */
  private static final class Entry {
    private final byte[] bytes;
    private int at;
    private boolean stdout = true;
    private long nanos;
    private int lineFrom;
    private int lineTo;
    private boolean partial;
    private boolean last;

    Entry(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      at = from;
      while (at < to) {
        field(to);
      }
    }

    private void field(int to) {
      int tag = (int) varint();
      switch (tag & 7) {
        case 0 -> set(tag >>> 3, varint());
        case 2 -> {
          int length = (int) varint();
          if (length < 0 || length > to - at) {
            throw new IndexOutOfBoundsException(length);
          }
          set(tag >>> 3, at, at + length);
          at += length;
        }
        default -> throw new IndexOutOfBoundsException(tag);
      }
    }

    private void set(int field, long value) {
      if (field == TIME) {
        nanos = value;
      } else if (field == PARTIAL) {
        partial = value != 0;
      }
    }

    private void set(int field, int from, int to) {
      if (field == SOURCE) {
        stdout = !Arrays.equals(bytes, from, to, STDERR, 0, STDERR.length);
      } else if (field == LINE) {
        lineFrom = from;
        lineTo = to;
      } else if (field == METADATA) {
        last = from + 1 < to && bytes[from] == 1 << 3 && bytes[from + 1] != 0;
      }
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte part = bytes[at++];
        value |= (long) (part & 0x7f) << shift;
        if (part >= 0) {
          return value;
        }
      }
      throw new IndexOutOfBoundsException(at);
    }

    /** Docker marks what a container left without a line end as partial too; CRI does not. */
    void write(CriLines lines) {
      boolean more = partial && !last && lineTo - lineFrom >= CriLines.PIECE;
      lines.begin(nanos, stdout, more);
      lines.put(bytes, lineFrom, lineTo - lineFrom);
      lines.end();
    }
  }
}
