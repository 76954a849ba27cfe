@NullMarked
package dev.longshore.kernel;

import org.jspecify.annotations.NullMarked;
