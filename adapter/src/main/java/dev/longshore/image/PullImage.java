package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.PullImageResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.RegistryAuth;
import dev.longshore.metrics.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Pulls an image and answers with its id. Pulls of the same image with the same credentials are one
 * pull; it outlives a caller who leaves by half a minute, so that a retry joins it, and ends when
 * it makes no progress. Thread-safe.
 */
public final class PullImage {
  // Long enough for a kubelet that starts anew to ask again.
  private static final Duration UNATTENDED = Duration.ofSeconds(30);
  private static final Duration LONGEST_PULL = Duration.ofHours(12);
  private static final Duration FIND_BUDGET = Duration.ofSeconds(30);

  private final DockerEngine engine;
  private final ImageCatalog catalog;
  private final Supplier<Optional<EngineInfo>> docker;
  private final PullWatch.Limits limits;
  private final PullFigures figures = new PullFigures();
  private final InFlight<PullKey, String> pulls = new InFlight<>("the pull of image");
  private final ConcurrentHashMap<PullKey, Integer> callers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PullKey, PullWatch> watches = new ConcurrentHashMap<>();

  /**
   * Pulls by this engine.
   *
   * @param docker who the daemon is, if it has said so; must not wait
   * @param noProgress a pull that is silent for so long is given up
   */
  public PullImage(
      DockerEngine engine,
      ImageCatalog catalog,
      Supplier<Optional<EngineInfo>> docker,
      Duration noProgress) {
    this(engine, catalog, docker, new PullWatch.Limits(noProgress, UNATTENDED));
  }

  PullImage(
      DockerEngine engine,
      ImageCatalog catalog,
      Supplier<Optional<EngineInfo>> docker,
      PullWatch.Limits limits) {
    this.engine = engine;
    this.catalog = catalog;
    this.docker = docker;
    this.limits = limits;
  }

  /**
   * Pulls the image and answers once it is on this node. The sandbox config of the request says
   * nothing to Docker, nor does a runtime handler that exists: one store of images serves all.
   *
   * @throws CriException INVALID for a malformed reference, an unknown runtime handler or
   *     credentials that are refused, NOT_FOUND when the registry has no such image, NAMED when the
   *     registry is away ({@code RegistryUnavailable}), UNAVAILABLE when Docker is, TIMED_OUT when
   *     nothing moved for too long or {@code deadline} passed, CANCELLED when the caller is
   *     interrupted
   */
  public PullImageResponse handle(PullImageRequest request, Deadline deadline) {
    if (request.getImage().getImage().isEmpty()) {
      throw new CriException(Kind.INVALID, "cannot pull an image: image.image is empty");
    }
    ImageReference.Name name = ImageReference.parseName(request.getImage().getImage());
    docker.get().ifPresent(info -> info.runtimeOf(request.getImage().getRuntimeHandler()));
    Optional<RegistryAuth> auth = RegistryCredentials.from(request.getAuth(), name);
    return PullImageResponse.newBuilder().setImageRef(pull(name, auth, deadline)).build();
  }

  /** Pulls and returns the image's id; errors as {@link #handle}. */
  String pull(ImageReference.Name name, Optional<RegistryAuth> auth, Deadline deadline) {
    PullKey key = new PullKey(name, auth);
    int _ = callers.merge(key, 1, Integer::sum);
    try {
      return pulls.join(key, deadline, () -> pullNow(key));
    } finally {
      callers.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  /** The pulls under way, by image; does not wait. */
  public List<PullProgress> underWay() {
    List<PullProgress> all = new ArrayList<>();
    watches.forEach((key, watch) -> all.add(watch.soFar(key.name.familiar())));
    all.sort(Comparator.comparing(PullProgress::image));
    return all;
  }

  /** How many callers wait. */
  int waiting() {
    return callers.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** How many pulls are under way. */
  int running() {
    return pulls.size();
  }

  /** Pulls, as metrics. */
  public Source figures() {
    return figures;
  }

  private String pullNow(PullKey key) {
    boolean byMebibyte = docker.get().filter(EngineInfo::keepsImagesInContainerd).isPresent();
    PullWatch watch =
        new PullWatch(
            limits.byMebibyte(byMebibyte), () -> callers.containsKey(key), figures::downloaded);
    String outcome = "internal";
    long start = System.nanoTime();
    figures.began(watch);
    try {
      String id = pullNow(key, watch);
      outcome = "ok";
      return id;
    } catch (CriException e) {
      outcome = e.kind().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      figures.ended(watch, outcome, System.nanoTime() - start);
    }
  }

  private String pullNow(PullKey key, PullWatch watch) {
    String image = key.name.familiar();
    watches.put(key, watch);
    try (watch) {
      engine.pull(image, key.auth, watch, Deadline.in(LONGEST_PULL));
    } catch (CriException e) {
      throw watch.verdict(image).orElse(e);
    } finally {
      watches.remove(key);
      catalog.invalidate();
    }
    return catalog
        .find(image, Deadline.in(FIND_BUDGET))
        .map(EngineImage::id)
        .orElseThrow(
            () ->
                new CriException(
                    Kind.INTERNAL,
                    ("Docker pulled image %s and does not know it now;"
                            + " it may have been removed meanwhile")
                        .formatted(image)));
  }

  /** Two requests are the same when these are equal. Prints the image only. */
  private record PullKey(ImageReference.Name name, Optional<RegistryAuth> auth) {
    @Override
    public String toString() {
      return name.familiar();
    }
  }
}
