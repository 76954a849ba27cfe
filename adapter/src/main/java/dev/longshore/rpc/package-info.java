/**
 * The gRPC edge: the Unix socket, one line per RPC, and what every call has in common: deadline,
 * cancellation, log, and the one switch from kinds of failure to statuses. No rule of any RPC is
 * here, and io.grpc is nowhere else but in the client.
 */
@NullMarked
package dev.longshore.rpc;

import org.jspecify.annotations.NullMarked;
