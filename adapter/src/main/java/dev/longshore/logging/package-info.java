/**
 * The log: SLF4J's provider, one line per event to standard error, as text or JSON, whose level can
 * change while it runs. Libraries only warn, at every level: the HTTP client's finer levels would
 * write registry credentials.
 */
@NullMarked
package dev.longshore.logging;

import org.jspecify.annotations.NullMarked;
