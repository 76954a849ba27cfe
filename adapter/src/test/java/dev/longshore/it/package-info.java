/** Tests of the whole: the packaged server as a process, a real Engine, real CNI plugins. */
@NullMarked
package dev.longshore.it;

import org.jspecify.annotations.NullMarked;
