/**
 * The RPCs on workload containers: one class for each that changes something, {@code
 * ContainerQueries} for the reads, {@code *Specs} for the translations. Reads ask nobody; every
 * change is in the view before it is answered. Absent on purpose: exec and attach streams, logs.
 */
@NullMarked
package dev.longshore.container;

import org.jspecify.annotations.NullMarked;
