@NullMarked
package dev.longshore.container;

import org.jspecify.annotations.NullMarked;
