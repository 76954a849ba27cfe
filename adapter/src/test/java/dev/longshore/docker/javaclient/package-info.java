/** Tests of the real gateway: against a daemon on a socket of our own, and against Docker. */
@NullMarked
package dev.longshore.docker.javaclient;

import org.jspecify.annotations.NullMarked;
