/**
 * Text of cgroup and proc files to records, and their reading. No decisions, no CRI messages, no
 * Docker, no state but what the kernel does not change while it runs: where its file systems are
 * mounted. A file that is not there is an answer, not a failure.
 */
@NullMarked
package dev.longshore.kernel;

import org.jspecify.annotations.NullMarked;
