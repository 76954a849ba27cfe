package dev.longshore.rpc;

import dev.longshore.common.CriException;
import io.grpc.Status;

/** Kinds of failure to gRPC statuses: the only place where that is decided. */
final class Statuses {
  private Statuses() {}

  static Status of(CriException failure) {
    return of(failure.kind()).withDescription(Texts.sentence(failure.getMessage()));
  }

  private static Status of(CriException.Kind kind) {
    return switch (kind) {
      case INVALID -> Status.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.NOT_FOUND;
      case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
      case NOT_READY -> Status.FAILED_PRECONDITION;
      case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.UNAVAILABLE;
      case TIMED_OUT -> Status.DEADLINE_EXCEEDED;
      case CANCELLED -> Status.CANCELLED;
      case UNSUPPORTED -> Status.UNIMPLEMENTED;
      // The kubelet takes this code, and no other, off the sentence before it looks for the name
      // (cri-client, remote_image.go).
      case NAMED -> Status.UNKNOWN;
      case INTERNAL -> Status.INTERNAL;
    };
  }
}
