package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineContainer;
import java.util.Optional;

/**
 * A change to one container, by Longshore itself. While it is open, events of that container are
 * held back, since the change ends with an inspect of its own; what is still unseen at close is
 * inspected then. Always closed, in a try statement; one thread.
 */
public interface Mutation extends AutoCloseable {
  /**
   * Puts a container that was just created into the view without asking Docker: all there is to
   * know of it stands in the request.
   */
  void created(EngineContainer fresh);

  /**
   * Inspects the container and puts the answer into the view, so that whoever reads next sees it.
   * Empty when Docker no longer knows it.
   */
  Optional<EngineContainer> refresh(ContainerId id, Deadline deadline);

  @Override
  void close();
}
