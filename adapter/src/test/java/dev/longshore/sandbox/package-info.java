@NullMarked
package dev.longshore.sandbox;

import org.jspecify.annotations.NullMarked;
