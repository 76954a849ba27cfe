/**
 * Container logs: follows what Docker keeps of a container's output and writes it to the CRI's
 * {@code log_path}, each line once. Invariants: no thread per container on disk sources; Docker's
 * files are only read; a position is never ahead of what was written.
 */
@NullMarked
package dev.longshore.logs;

import org.jspecify.annotations.NullMarked;
