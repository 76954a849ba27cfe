/**
 * The RPCs about the node as a whole: who serves, whether it can, with which cgroup driver, and the
 * node's pod network. Never asks Docker: all it says of it was seen by the view.
 */
@NullMarked
package dev.longshore.node;

import org.jspecify.annotations.NullMarked;
