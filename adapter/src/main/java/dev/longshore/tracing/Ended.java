package dev.longshore.tracing;

import dev.longshore.common.Trace;
import java.util.Optional;

/**
 * A step that has ended.
 *
 * @param parentId empty for the first of a trace
 * @param failure what went wrong, if anything did
 */
record Ended(
    String traceId,
    String spanId,
    String parentId,
    String name,
    Trace.Kind kind,
    long startEpochNanos,
    long endEpochNanos,
    Optional<String> failure) {}
