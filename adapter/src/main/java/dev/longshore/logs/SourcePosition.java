package dev.longshore.logs;

import dev.longshore.checkpoint.LogRecord;

/**
 * A place between two records of a source: in one of Docker's files, or in its API's answer.
 *
 * @param inode of the file; 0 for the oldest there is, -1 for the API
 * @param offset in the file; for the API the time of the last record before, in nanoseconds since
 *     1970
 * @param headLength how many of the file's first bytes {@code headSum} is the CRC of; for the API
 *     how many of the records before have that time
 */
record SourcePosition(long inode, long offset, long headLength, long headSum) {
  static final SourcePosition OLDEST = new SourcePosition(Inodes.NONE, 0, 0, 0);
  private static final long API = -1;

  /** Behind the {@code count}-th record of that time. */
  static SourcePosition inApi(long timeNanos, long count) {
    return new SourcePosition(API, timeNanos, count, 0);
  }

  /** Where the record says that the copying stood. */
  static SourcePosition of(LogRecord record) {
    return new SourcePosition(
        record.sourceInode(), record.sourceOffset(), record.headLength(), record.headSum());
  }

  boolean isInApi() {
    return inode == API;
  }

  /** The same behind one more record of the API, which may be out of order. */
  SourcePosition after(long timeNanos) {
    if (timeNanos < offset) {
      return this;
    }
    return inApi(timeNanos, timeNanos == offset ? headLength + 1 : 1);
  }

  /** The record of having copied everything before this place. */
  LogRecord record(long targetInode, long targetLength) {
    return new LogRecord(inode, offset, headLength, headSum, targetInode, targetLength);
  }
}
