/**
 * What Longshore needs of Docker Engine: one interface, its records, the decorators round it, and
 * the names and labels that dockershim gave to pods. No CRI messages and no docker-java types here;
 * absent on purpose: stats, logs and size queries, which cost the daemon whole cores.
 */
@NullMarked
package dev.longshore.docker;

import org.jspecify.annotations.NullMarked;
