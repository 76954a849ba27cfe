/** Tests of the log; other tests read it by {@link dev.longshore.logging.CapturedLog}. */
@NullMarked
package dev.longshore.logging;

import org.jspecify.annotations.NullMarked;
