/**
 * Docker's containers as last inspected. Invariants: no CRI messages here; no reader waits for
 * Docker; what stands here was inspected, never taken from an event's claims (the one exception is
 * {@link dev.longshore.view.Mutation#created}); nobody else keeps a copy of container state.
 */
@NullMarked
package dev.longshore.view;

import org.jspecify.annotations.NullMarked;
