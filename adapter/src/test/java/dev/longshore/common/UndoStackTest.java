package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoStackTest {
  private final List<String> done = new ArrayList<>();

  @Test
  void stepsAreTakenBackNewestFirstAndAFailedOneDoesNotStopTheRest() {
    try (UndoStack undo = new UndoStack()) {
      undo.push("remove a", () -> done.add("a"));
      undo.push(
          "remove b",
          () -> {
            throw new IOException("disk is gone");
          });
      undo.push("remove c", () -> done.add("c"));
    }
    assertThat(done).containsExactly("c", "a");
  }

  @Test
  void committedWorkStays() {
    try (UndoStack undo = new UndoStack()) {
      undo.push("remove a", () -> done.add("a"));
      undo.commit();
    }
    assertThat(done).isEmpty();
  }

  @Test
  void anInterruptDoesNotReachTheCleanUpButIsKept() {
    try (UndoStack undo = new UndoStack()) {
      undo.push("look", () -> done.add(Boolean.toString(Thread.currentThread().isInterrupted())));
      Thread.currentThread().interrupt();
    }
    assertThat(done).containsExactly("false");
    assertThat(Thread.interrupted()).isTrue();
  }
}
