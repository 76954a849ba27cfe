/**
 * Pod sandboxes: the pause container that holds a pod's namespaces, its network, and the record of
 * both. One class per mutating RPC. Invariants: a record is written before what it records is done;
 * whoever changes a sandbox holds its lock; what a failed step leaves is listed as not ready until
 * it is cleaned up.
 */
@NullMarked
package dev.longshore.sandbox;

import org.jspecify.annotations.NullMarked;
