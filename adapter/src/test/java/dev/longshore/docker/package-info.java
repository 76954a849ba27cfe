@NullMarked
package dev.longshore.docker;

import org.jspecify.annotations.NullMarked;
