package dev.longshore.kernel;

import java.util.OptionalLong;

/**
 * Huge pages that a cgroup and all below it hold.
 *
 * @param pageSize as the kernel names it in files, such as {@code 2MB}
 * @param maxBytes the most that was ever held; v1 alone tells
 */
public record HugePageUse(String pageSize, long usageBytes, OptionalLong maxBytes) {}
