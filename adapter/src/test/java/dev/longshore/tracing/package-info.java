@NullMarked
package dev.longshore.tracing;

import org.jspecify.annotations.NullMarked;
