@NullMarked
package dev.longshore.node;

import org.jspecify.annotations.NullMarked;
