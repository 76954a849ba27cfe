package dev.longshore.streaming;

import java.util.Optional;

/**
 * The client's streams of one exec or attach; those not asked for are empty.
 *
 * @param resize sizes of the terminal, {@code {"Width":80,"Height":24}} one after the other
 * @param status how it ended, at the end
 * @param jsonStatus whether that is JSON, as the later protocols have it, or text on failure only
 */
record TerminalStreams(
    Optional<ClientStream> stdin,
    Optional<ClientStream> stdout,
    Optional<ClientStream> stderr,
    Optional<ClientStream> resize,
    ClientStream status,
    boolean jsonStatus) {}
