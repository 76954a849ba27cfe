@NullMarked
package dev.longshore.checkpoint;

import org.jspecify.annotations.NullMarked;
