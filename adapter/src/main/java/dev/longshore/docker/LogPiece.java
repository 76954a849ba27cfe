package dev.longshore.docker;

/**
 * A piece of a container's output as its logging driver gives it back.
 *
 * @param timeNanos when it was written, since 1970
 * @param partial whether its line goes on in the next piece
 * @param content without the line end; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, right away, at up to 100,000 a second.
public record LogPiece(long timeNanos, boolean stdout, boolean partial, byte[] content) {}
