@NullMarked
package dev.longshore.streaming;

import org.jspecify.annotations.NullMarked;
