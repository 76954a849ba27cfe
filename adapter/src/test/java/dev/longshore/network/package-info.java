/**
 * Tests of pod networks, and {@link dev.longshore.network.FakePodNetworks} for the tests of others.
 */
@NullMarked
package dev.longshore.network;

import org.jspecify.annotations.NullMarked;
