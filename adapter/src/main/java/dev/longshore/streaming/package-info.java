/**
 * Exec, attach and port-forward: the RPCs that hand out a one-time URL, and the HTTP server on
 * loopback behind it, which speaks SPDY/3.1 and WebSocket. Netty's event loop only moves frames;
 * everything that waits runs on virtual threads. All queues are bounded: whoever does not read
 * slows the other side down. Absent on purpose: gRPC, the view's inside, any process of our own.
 */
@NullMarked
package dev.longshore.streaming;

import org.jspecify.annotations.NullMarked;
