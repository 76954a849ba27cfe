package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Docker Engine, as far as a CRI server needs it. Blocking and thread-safe. Every method throws
 * {@link dev.longshore.common.CriException}: UNAVAILABLE when the daemon does not answer, TIMED_OUT
 * when {@code deadline} passes first, CANCELLED when the thread is interrupted (its interrupt flag
 * stays set), NOT_FOUND for an unknown container or image unless said otherwise, INVALID for a
 * request Docker refuses (400), ALREADY_EXISTS for a name that is taken, NOT_READY for an object in
 * the wrong state (the other conflicts, 409), EXHAUSTED when too many calls are under way, INTERNAL
 * for the rest.
 */
public interface DockerEngine {
  /** Asks for a sign of life ({@code GET /_ping}). */
  void ping(Deadline deadline);

  /** Who the daemon is: {@code GET /version} and {@code GET /info}. Slow, some 30 ms. */
  EngineInfo info(Deadline deadline);

  /** All containers, running or not, that carry the label, whatever its value. */
  List<ListedContainer> list(String label, Deadline deadline);

  /**
   * Empty when Docker does not know the id or name: a removed container is an answer, not a
   * failure.
   */
  Optional<EngineContainer> inspect(String idOrName, Deadline deadline);

  /**
   * Creates a container.
   *
   * @throws dev.longshore.common.CriException ALREADY_EXISTS when the name is taken, NOT_FOUND when
   *     the image is not on this node
   */
  ContainerId create(ContainerSpec spec, Deadline deadline);

  /**
   * Starts a container; one that runs already is left alone. After a failed start the container is
   * {@link EngineState.Exited} without a start time.
   */
  void start(ContainerId id, Deadline deadline);

  /**
   * Sends the stop signal, and SIGKILL after the grace period. Returns once the container has
   * stopped; one that does not run is left alone. Grace has whole seconds.
   */
  void stop(ContainerId id, Duration grace, Deadline deadline);

  /** Sends a signal, by name ({@code SIGKILL}); a container that does not run is left alone. */
  void kill(ContainerId id, String signal, Deadline deadline);

  /** Removes a container and its anonymous volumes, by force; an unknown one is left alone. */
  void remove(ContainerId id, Deadline deadline);

  /**
   * Looks for a path of a container, which need not run: Docker makes its mounts for that.
   *
   * @throws dev.longshore.common.CriException INTERNAL also when a mount of the container cannot be
   *     made
   */
  void requirePath(ContainerId id, String path, Deadline deadline);

  /** Changes limits of a created or running container; absent values stay as they are. */
  void update(ContainerId id, ResourceSpec resources, Deadline deadline);

  /**
   * Prepares a command in a running container and returns the exec's id.
   *
   * @throws dev.longshore.common.CriException NOT_READY when the container does not run
   */
  String createExec(ContainerId id, ExecSpec spec, Deadline deadline);

  /**
   * Runs a prepared command and feeds its output to the sinks, on the calling thread, until the
   * command has closed it. Interrupting the thread ends the connection, not the command.
   */
  void runExec(String execId, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline);

  /**
   * Runs a prepared command with its input, if that was prepared, and output as a connection; the
   * deadline bounds the start only. Ending the connection does not end the command.
   *
   * @param tty as it was prepared
   */
  EngineStream startExec(String execId, boolean tty, Deadline deadline);

  /**
   * Connects to what a container's first process reads and writes from now on, which Docker allows
   * before the start as well; the deadline bounds the connecting only.
   *
   * @throws dev.longshore.common.CriException NOT_READY when Docker refuses, as for a paused one
   */
  EngineStream attach(ContainerId id, AttachSpec spec, Deadline deadline);

  /** Gives a command's terminal a size; waits for one that is being started. */
  void resizeExec(String execId, TerminalSize size, Deadline deadline);

  /** Gives a running container's terminal a size. */
  void resizeContainer(ContainerId id, TerminalSize size, Deadline deadline);

  /** How a command stands. */
  ExecState inspectExec(String execId, Deadline deadline);

  /** All images, intermediate layers left out. */
  List<EngineImage> images(Deadline deadline);

  /** The image by tag, digest reference, id or unique id prefix; empty when it is not here. */
  Optional<EngineImage> image(String reference, Deadline deadline);

  /**
   * The configuration of the image of that id with its history, as JSON in the form of the OCI
   * (image-spec, config.md): two requests.
   */
  String imageSpec(String imageId, Deadline deadline);

  /** Where the layers of the image of that id are. */
  ImageLayers layers(String imageId, Deadline deadline);

  /** All containers made from the image of that id, running or not, whoever made them. */
  List<ContainerId> containersOf(String imageId, Deadline deadline);

  /**
   * Pulls an image and reports each progress message. {@code deadline} bounds the whole; the caller
   * who wants a no-progress limit interrupts.
   */
  void pull(
      String reference, Optional<RegistryAuth> auth, PullListener listener, Deadline deadline);

  /** Gives an image another name; {@code reference} is {@code repository:tag}. */
  void tag(String imageId, String reference, Deadline deadline);

  /**
   * Removes one name of an image, and the image with its last one; by id, the image with all of
   * them when {@code force} is set. An unknown one is left alone.
   *
   * @throws dev.longshore.common.CriException NOT_READY when a container uses it
   */
  void removeImage(String reference, boolean force, Deadline deadline);

  /**
   * Follows the daemon's events of containers and images from {@code since} on, calling {@code
   * opened} once the daemon has taken the subscription, and {@code sink} per event, both on the
   * calling thread or one at a time. Returns only by exception: UNAVAILABLE when the stream ends,
   * CANCELLED when the thread is interrupted.
   */
  void followEvents(Instant since, Runnable opened, Consumer<EngineEvent> sink);

  /**
   * Reads a container's output of {@code since} and later back from its logging driver, and follows
   * it, calling {@code sink} per piece on one thread at a time, which may wait. Returns when there
   * is no more and the container has ended, or the daemon ends the answer for reasons of its own.
   *
   * @throws dev.longshore.common.CriException UNSUPPORTED when the driver cannot be read
   */
  void followLogs(ContainerId id, Instant since, Consumer<LogPiece> sink);

  /** Hears what a pull does. */
  @FunctionalInterface
  interface PullListener {
    /** One progress message; bytes are 0 where the message counts nothing. */
    void progress(String layer, String status, long currentBytes, long totalBytes);
  }
}
