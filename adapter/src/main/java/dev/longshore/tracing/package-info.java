/**
 * Spans by OTLP (OpenTelemetry protocol 1.x, JSON over HTTP). Not a class of it is loaded while no
 * endpoint is configured.
 */
@NullMarked
package dev.longshore.tracing;

import org.jspecify.annotations.NullMarked;
