@NullMarked
package dev.longshore.rpc;

import org.jspecify.annotations.NullMarked;
