package dev.longshore.checkpoint;

/**
 * How far a container's output has been copied: all of the source before {@code sourceOffset} makes
 * up the target's first {@code targetLength} bytes and the files before it. What the target holds
 * beyond that was copied later than the record was written.
 *
 * @param sourceInode of Docker's file; 0 for its oldest one
 * @param headLength how many of its first bytes {@code headSum} covers, since inodes come back
 * @param targetInode of the file in CRI format; 0 when none was made
 */
public record LogRecord(
    long sourceInode,
    long sourceOffset,
    long headLength,
    long headSum,
    long targetInode,
    long targetLength) {}
