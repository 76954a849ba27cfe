/**
 * The small HTTP server of metrics and health. Pages are written on virtual threads, the event loop
 * only moves bytes. What a page says is not known here.
 */
@NullMarked
package dev.longshore.metrics.http;

import org.jspecify.annotations.NullMarked;
