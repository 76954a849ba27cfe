package dev.longshore.logs;

import dev.longshore.checkpoint.LogRecord;

/**
 * A place between two records of a spool.
 *
 * @param inode of the file; 0 for the oldest there is
 * @param headLength how many of the file's first bytes {@code headSum} is the CRC of
 */
record SpoolPosition(long inode, long offset, long headLength, long headSum) {
  static final SpoolPosition OLDEST = new SpoolPosition(Inodes.NONE, 0, 0, 0);

  /** Where the record says that the copying stood. */
  static SpoolPosition of(LogRecord record) {
    return new SpoolPosition(
        record.sourceInode(), record.sourceOffset(), record.headLength(), record.headSum());
  }

  /** The record of having copied everything before this place. */
  LogRecord record(long targetInode, long targetLength) {
    return new LogRecord(inode, offset, headLength, headSum, targetInode, targetLength);
  }
}
