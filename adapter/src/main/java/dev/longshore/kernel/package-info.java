/**
 * What the kernel says in cgroup and proc files, as records, and what it is told by system calls:
 * signals, entering a network namespace. No decisions, no CRI messages, no Docker; nothing is kept
 * but where the kernel's file systems are mounted. A file that is not there is an answer, not a
 * failure.
 */
@NullMarked
package dev.longshore.kernel;

import org.jspecify.annotations.NullMarked;
