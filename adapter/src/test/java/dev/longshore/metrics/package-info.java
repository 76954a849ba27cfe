/** Tests of the instruments and their text, which Prometheus' own client and strict rules judge. */
@NullMarked
package dev.longshore.metrics;

import org.jspecify.annotations.NullMarked;
