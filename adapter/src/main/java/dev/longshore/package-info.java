/** The entry point and the wiring: the only place that sees every package. */
@NullMarked
package dev.longshore;

import org.jspecify.annotations.NullMarked;
