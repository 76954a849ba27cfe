@NullMarked
package dev.longshore.common;

import org.jspecify.annotations.NullMarked;
