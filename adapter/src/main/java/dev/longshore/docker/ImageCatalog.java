package dev.longshore.docker;

import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What Docker last said of its images, kept until an image event or a change of our own. Callers
 * who ask the same thing at the same time share one question; a hit asks nobody and takes no lock.
 * "Not here" is never kept. Thread-safe.
 *
 * <p>The answers are as good as the event stream: while Docker is away nobody invalidates them, so
 * whoever answers a request asks {@code View.snapshot()} first, which refuses then.
 */
public final class ImageCatalog {
  private static final int MOST_NAMES = 2_000;
  private static final Duration QUESTION_BUDGET = Duration.ofSeconds(30);
  private static final String EVERYTHING = "of this node";
  private static final Set<String> HARMLESS_ACTIONS = Set.of("push", "save");

  private final DockerEngine engine;

  // An invalidation swaps in an empty picture: a question asked before it writes its answer into
  // the picture that nobody reads any more, and nobody joins that question either.
  private final AtomicReference<Picture> current = new AtomicReference<>(new Picture());

  public ImageCatalog(DockerEngine engine) {
    this.engine = engine;
  }

  /**
   * The image by any name Docker knows it by: tag, digest reference, id or unique id prefix. Empty
   * when it is not on this node.
   *
   * @throws dev.longshore.common.CriException as {@link DockerEngine#image}, on a miss
   */
  public Optional<EngineImage> find(String reference, Deadline deadline) {
    Picture picture = current.get();
    EngineImage known = picture.byName.get(reference);
    if (known != null) {
      return Optional.of(known);
    }
    return picture.inspects.join(
        reference,
        deadline,
        () -> {
          EngineImage justPut = picture.byName.get(reference);
          return justPut == null ? ask(picture, reference) : Optional.of(justPut);
        });
  }

  private Optional<EngineImage> ask(Picture picture, String reference) {
    Optional<EngineImage> answer = engine.image(reference, Deadline.in(QUESTION_BUDGET));
    answer.ifPresent(image -> picture.put(reference, image));
    return answer;
  }

  /**
   * All images, one entry for each id.
   *
   * @throws dev.longshore.common.CriException as {@link DockerEngine#images}, on a miss
   */
  public List<EngineImage> all(Deadline deadline) {
    Picture picture = current.get();
    Optional<List<EngineImage>> known = picture.list.get();
    if (known.isPresent()) {
      return known.get();
    }
    return picture.lists.join(
        EVERYTHING, deadline, () -> picture.list.get().orElseGet(() -> ask(picture)));
  }

  private List<EngineImage> ask(Picture picture) {
    List<EngineImage> answer = List.copyOf(engine.images(Deadline.in(QUESTION_BUDGET)));
    picture.list.set(Optional.of(answer));
    return answer;
  }

  /**
   * Hears Docker's image events, and {@code connect} when the event stream has been opened anew.
   * Never blocks.
   */
  public void onEvent(EngineEvent event) {
    // One event may change more images than it names: a pull that moves a tag takes it from an
    // image that the event does not mention. So all answers go, at 1 ms each to ask again.
    boolean mayChangeImages = event.type() != EngineEvent.Type.CONTAINER;
    if (mayChangeImages && !HARMLESS_ACTIONS.contains(event.action())) {
      invalidate();
    }
  }

  /** Forgets every answer: whoever changes images calls this before saying so. Never blocks. */
  public void invalidate() {
    current.set(new Picture());
  }

  /** The answers since one invalidation. */
  private static final class Picture {
    final ConcurrentHashMap<String, EngineImage> byName = new ConcurrentHashMap<>();
    final Queue<String> oldestFirst = new ConcurrentLinkedQueue<>();
    final AtomicReference<Optional<List<EngineImage>>> list =
        new AtomicReference<>(Optional.empty());
    final InFlight<String, Optional<EngineImage>> inspects = new InFlight<>("inspect of image");
    final InFlight<String, List<EngineImage>> lists = new InFlight<>("list of images");

    void put(String reference, EngineImage image) {
      if (byName.put(reference, image) == null) {
        oldestFirst.add(reference);
      }
      while (byName.size() > MOST_NAMES) {
        String oldest = oldestFirst.poll();
        if (oldest == null) {
          return;
        }
        byName.remove(oldest);
      }
    }
  }
}
