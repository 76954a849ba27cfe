@NullMarked
package dev.longshore.stats;

import org.jspecify.annotations.NullMarked;
