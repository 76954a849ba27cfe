package dev.longshore.container;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;
import java.util.Optional;

/** Containers by the id of a request, in full or as an unambiguous prefix. */
final class Lookup {
  private Lookup() {}

  /** Empty for an unknown id; INVALID for none. */
  static Optional<ContainerView> find(View view, String id) {
    return view.snapshot().container(Requests.require("container_id", id));
  }

  /** {@code verb} completes "cannot … container". */
  static ContainerView require(View view, String id, String verb) {
    return find(view, id)
        .orElseThrow(
            () ->
                new CriException(
                    Kind.NOT_FOUND,
                    "cannot %s container %s: no such container".formatted(verb, id)));
  }

  /** How messages name a container. */
  static String title(ContainerView container) {
    return container.engine().title();
  }
}
