package dev.longshore.stats;

import java.nio.file.Path;
import java.time.Instant;

/**
 * What a container has written to its own file system.
 *
 * @param time when it was looked at
 * @param root a folder of the disk that holds it: Docker's or the snapshotter's root
 * @param device {@code major:minor} of that disk
 */
record LayerUse(Instant time, Path root, String device, long usedBytes, long inodes) {}
