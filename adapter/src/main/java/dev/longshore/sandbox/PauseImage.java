package dev.longshore.sandbox;

import dev.longshore.common.Deadline;

/** The image whose process does nothing but hold a pod's namespaces. Thread-safe. */
@FunctionalInterface
public interface PauseImage {
  /** The image's id in full, pulled if it is missing. */
  String ensure(Deadline deadline);
}
