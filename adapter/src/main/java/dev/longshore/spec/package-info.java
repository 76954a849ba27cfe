/**
 * What sandboxes and containers translate alike: hashes of requests, security profiles, the cgroup
 * above. Pure but for seccomp profiles, which are read from this node's disk. Knows no Docker calls
 * and no state.
 */
@NullMarked
package dev.longshore.spec;

import org.jspecify.annotations.NullMarked;
