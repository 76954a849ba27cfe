package dev.longshore.image;

import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.Image;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The image service on a fake daemon, wired as in the program, its view synced. */
final class ImageRig implements AutoCloseable {
  static final String PAUSE = "registry.k8s.io/pause:3.10";

  final FakeDockerEngine docker = new FakeDockerEngine();
  final ImageCatalog catalog = new ImageCatalog(docker);
  final View view = new View(docker, _ -> {}, catalog::onEvent);
  final PullImage pullImage =
      new PullImage(docker, catalog, () -> view.health().engine(), Duration.ofMinutes(1));
  final ImageQueries queries;
  final ImageCalls calls;
  final LayerUses layerUses =
      new LayerUses(() -> view.health().engine(), List::of, InstantSource.system());
  final ImageFilesystems filesystems = new ImageFilesystems(view, catalog, layerUses);

  ImageRig() {
    queries = new ImageQueries(docker, view, catalog, sandboxImage(PAUSE));
    calls = new ImageCalls(pullImage, queries, new RemoveImage(docker, view, catalog));
    view.start();
    awaitDocker();
  }

  SandboxImage sandboxImage(String reference, Path... credentials) {
    return new SandboxImage(reference, catalog, pullImage, List.of(credentials));
  }

  void awaitDocker() {
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  Optional<Image> status(String name) {
    return calls.status(name);
  }

  List<Image> list(String filter) {
    return calls.list(filter);
  }

  void remove(String name) {
    calls.remove(name);
  }

  @Override
  public void close() {
    docker.resume();
    layerUses.close();
    view.close();
  }

  static String hex(String seed) {
    return "%64s".formatted(seed).replace(' ', '0');
  }

  static EngineImage image(String seed, List<String> tags, List<String> digests) {
    return new EngineImage("sha256:" + hex(seed), tags, digests, 1_000, "", Map.of());
  }

  static Deadline soon() {
    return ImageCalls.soon();
  }
}
