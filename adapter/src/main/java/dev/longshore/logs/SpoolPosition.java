package dev.longshore.logs;

/**
 * A place between two records of a spool.
 *
 * @param inode of the file; 0 for the oldest there is
 * @param headLength how many of the file's first bytes {@code headSum} is the CRC of
 */
record SpoolPosition(long inode, long offset, long headLength, long headSum) {
  static final SpoolPosition OLDEST = new SpoolPosition(Inodes.NONE, 0, 0, 0);
}
