@NullMarked
package dev.longshore.metrics.http;

import org.jspecify.annotations.NullMarked;
