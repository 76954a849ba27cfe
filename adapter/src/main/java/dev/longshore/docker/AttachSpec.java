package dev.longshore.docker;

/**
 * What to be attached to of a container's first process.
 *
 * @param tty whether the container has a terminal, as it was created: output is not framed then
 */
public record AttachSpec(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}
