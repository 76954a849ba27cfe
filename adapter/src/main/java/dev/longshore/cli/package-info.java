/**
 * The command line: which command, its flags, and the self-test, which is a client like any other.
 */
@NullMarked
package dev.longshore.cli;

import org.jspecify.annotations.NullMarked;
