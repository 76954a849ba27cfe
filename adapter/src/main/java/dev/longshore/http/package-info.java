/** What the servers of streams and of metrics have in common: a bounded HTTP listener. */
@NullMarked
package dev.longshore.http;

import org.jspecify.annotations.NullMarked;
