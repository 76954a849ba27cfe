/**
 * A CRI client on a Unix socket, for the self-test and the tests: blocking, with a deadline on
 * every call, and failures as the kinds that the server meant.
 */
@NullMarked
package dev.longshore.client;

import org.jspecify.annotations.NullMarked;
