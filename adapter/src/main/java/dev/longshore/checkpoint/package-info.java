/**
 * What must survive a restart and Docker cannot hold, as small files that are replaced whole. Read
 * at start, served from memory after; an unreadable file is reported and set aside, never fatal.
 */
@NullMarked
package dev.longshore.checkpoint;

import org.jspecify.annotations.NullMarked;
