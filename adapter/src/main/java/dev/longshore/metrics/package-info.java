/**
 * What Longshore measures of itself: counters, times, and the text in which Prometheus reads them.
 * Each package keeps its own figures as {@link dev.longshore.metrics.Source}s. Knows no package but
 * common; how the text is served is in {@code metrics.http}.
 */
@NullMarked
package dev.longshore.metrics;

import org.jspecify.annotations.NullMarked;
