/**
 * What containers use, from the kernel's files. One sweep is shared by all callers; absent on
 * purpose: Docker's stats and size queries, and anything about containers that do not run.
 */
@NullMarked
package dev.longshore.stats;

import org.jspecify.annotations.NullMarked;
