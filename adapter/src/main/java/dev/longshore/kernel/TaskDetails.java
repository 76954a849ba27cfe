package dev.longshore.kernel;

import java.util.OptionalLong;

/**
 * The processes of a cgroup and of all below it.
 *
 * @param limit most tasks, threads included; empty for no limit
 * @param openFiles their descriptors
 * @param sockets those of them that are sockets; empty when there are too many to look at
 * @param openFileLimit soft limit of descriptors of the first process; empty for no limit
 */
public record TaskDetails(
    int processes,
    OptionalLong limit,
    long openFiles,
    OptionalLong sockets,
    OptionalLong openFileLimit) {}
