/**
 * Pod networks by CNI: which configuration is in force, running its plugins, and libcni's result
 * cache on disk. No Docker and no CRI messages here; the only processes Longshore starts are the
 * plugins run here.
 */
@NullMarked
package dev.longshore.network;

import org.jspecify.annotations.NullMarked;
