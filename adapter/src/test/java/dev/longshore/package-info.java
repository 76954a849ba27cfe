@NullMarked
package dev.longshore;

import org.jspecify.annotations.NullMarked;
