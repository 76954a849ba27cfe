package dev.longshore.docker;

import java.util.OptionalInt;

/**
 * How an exec stands.
 *
 * @param pid of the command as the host counts; empty before it runs (and for daemons that clear it
 *     after)
 * @param exitCode empty while it runs
 */
public record ExecState(boolean running, OptionalInt pid, OptionalInt exitCode) {}
