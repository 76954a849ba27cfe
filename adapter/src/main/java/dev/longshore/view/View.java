package dev.longshore.view;

import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineEvent;
import java.util.function.Consumer;

/**
 * Keeps the snapshot true: follows Docker's events, lists on every connection and every minute,
 * inspects what an event names. Thread-safe.
 */
public final class View implements AutoCloseable {
  /**
   * A view that is not yet connected.
   *
   * @param beforeSynced called with the first snapshot of every connection, before readers see it
   * @param imageEvents hears every image event, and once with each connection an event of action
   *     {@code connect}, on the event thread; must not block
   */
  public View(
      DockerEngine engine, Consumer<Snapshot> beforeSynced, Consumer<EngineEvent> imageEvents) {
    throw new UnsupportedOperationException();
  }

  /** Starts following Docker, on threads of its own; returns at once. */
  public void start() {
    throw new UnsupportedOperationException();
  }

  /**
   * What is known now, without waiting.
   *
   * @throws dev.longshore.common.CriException UNAVAILABLE while Docker is away or not yet listed
   */
  public Snapshot snapshot() {
    throw new UnsupportedOperationException();
  }

  /** Announces a change to the container of that Docker name. */
  public Mutation mutate(String dockerName) {
    throw new UnsupportedOperationException();
  }

  /** How things stand with Docker; never waits. */
  public EngineHealth health() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
