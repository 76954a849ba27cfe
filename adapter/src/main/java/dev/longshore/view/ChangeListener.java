package dev.longshore.view;

import dev.longshore.common.ContainerId;

/** Hears how the view changes. */
@FunctionalInterface
public interface ChangeListener {
  /**
   * The entry of {@code id} appeared, changed or went, between two successive snapshots. Called
   * with no lock held, one change at a time and in order, on the thread that made the change or an
   * earlier one; must not block. Changes are told while Docker is away too.
   */
  void changed(Snapshot before, Snapshot after, ContainerId id);
}
