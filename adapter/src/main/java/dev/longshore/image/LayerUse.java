package dev.longshore.image;

import dev.longshore.kernel.TreeUse;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What layers take of a disk.
 *
 * @param time when they were looked at
 * @param root a folder of that disk
 */
record LayerUse(Instant time, Path root, TreeUse images, TreeUse containers) {}
