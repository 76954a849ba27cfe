/**
 * Ids, deadlines, undo and joining of work: what every other package may use. Depends on nothing of
 * ours; holds no I/O and no state but the work in flight.
 */
@NullMarked
package dev.longshore.common;

import org.jspecify.annotations.NullMarked;
