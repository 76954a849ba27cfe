@NullMarked
package dev.longshore.config;

import org.jspecify.annotations.NullMarked;
