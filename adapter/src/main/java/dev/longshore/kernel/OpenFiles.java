package dev.longshore.kernel;

import java.util.OptionalLong;

/**
 * Descriptors of a process.
 *
 * @param sockets those that are sockets; empty when there are too many to look at each
 */
public record OpenFiles(long files, OptionalLong sockets) {}
