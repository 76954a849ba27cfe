/**
 * {@code longshore bench}: what calls on a CRI server cost in time, processor and memory. A client
 * only: it measures any server, and knows nothing of ours.
 */
@NullMarked
package dev.longshore.bench;

import org.jspecify.annotations.NullMarked;
