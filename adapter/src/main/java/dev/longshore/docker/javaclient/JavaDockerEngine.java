package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.AttachSpec;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineStream;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.ExecState;
import dev.longshore.docker.ImageLayers;
import dev.longshore.docker.ListedContainer;
import dev.longshore.docker.LogPiece;
import dev.longshore.docker.RegistryAuth;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TerminalSize;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Docker Engine through docker-java: its typed commands where the answer is a mere success, JSON of
 * our own over the same transport where something is to be read or docker-java's models lack
 * fields. Every call runs on a virtual thread of its own, which {@link BlockingCalls} ends at the
 * deadline; sinks and listeners are called on that thread, one call at a time, and no more once the
 * method has returned. Thread-safe.
 */
public final class JavaDockerEngine implements DockerEngine, AutoCloseable {
  private final Connections connections;

  /** Connects with the first call, not here. */
  public JavaDockerEngine(DockerHost host) {
    this.connections = new Connections(host);
  }

  @Override
  public void close() {
    connections.close();
  }

  @Override
  public void ping(Deadline deadline) {
    call("reach Docker", deadline, c -> c.wire().ping("Api-Version"));
  }

  @Override
  public EngineInfo info(Deadline deadline) {
    return call(
        "ask Docker about itself",
        deadline,
        c -> EngineAnswers.info(c.wire().get("/info"), c.version(), c.daemonVersion()));
  }

  @Override
  public List<ListedContainer> list(String label, Deadline deadline) {
    String path = "/containers/json?all=1&filters=" + filters("label", List.of(label));
    return call(
        "list containers", deadline, c -> items(c, path).map(ContainerAnswers::listed).toList());
  }

  @Override
  public Optional<EngineContainer> inspect(String idOrName, Deadline deadline) {
    String path = "/containers/" + Wire.query(idOrName) + "/json";
    return call(
        "inspect container " + idOrName,
        deadline,
        c -> found(() -> ContainerAnswers.container(c.wire().get(path))));
  }

  @Override
  public ContainerId create(ContainerSpec spec, Deadline deadline) {
    String path = "/containers/create?name=" + Wire.query(spec.name());
    return call(
        "create container " + spec.name(),
        deadline,
        c -> {
          ObjectNode body = ContainerJson.create(spec, c.version());
          try {
            return new ContainerId(Fields.text(c.wire().post(path, body), "Id"));
          } catch (StatusException e) {
            if (e.status() == 409) {
              throw new CriException(
                  Kind.ALREADY_EXISTS,
                  "cannot create container %s: %s".formatted(spec.name(), e.said()),
                  e);
            }
            throw e;
          }
        });
  }

  @Override
  public void start(ContainerId id, Deadline deadline) {
    run(
        "start container " + id.shortForm(),
        deadline,
        c -> tolerating(304, () -> c.typed().startContainerCmd(id.value()).exec()));
  }

  @Override
  public void stop(ContainerId id, Duration grace, Deadline deadline) {
    int seconds = (int) Math.min(Integer.MAX_VALUE, grace.plusMillis(999).toSeconds());
    run(
        "stop container " + id.shortForm(),
        deadline,
        c ->
            tolerating(
                304, () -> c.typed().stopContainerCmd(id.value()).withTimeout(seconds).exec()));
  }

  @Override
  public void kill(ContainerId id, String signal, Deadline deadline) {
    run(
        "send %s to container %s".formatted(signal, id.shortForm()),
        deadline,
        c ->
            tolerating(
                409, () -> c.typed().killContainerCmd(id.value()).withSignal(signal).exec()));
  }

  @Override
  public void remove(ContainerId id, Deadline deadline) {
    run(
        "remove container " + id.shortForm(),
        deadline,
        c -> {
          try {
            c.typed().removeContainerCmd(id.value()).withForce(true).withRemoveVolumes(true).exec();
          } catch (RuntimeException e) {
            int status = Failures.statusOf(e).orElse(0);
            if (status == 409) {
              // Somebody else's removal is under way: ours is done when that one is.
              awaitRemoved(c, id);
            } else if (status != 404) {
              throw e;
            }
          }
        });
  }

  private static void awaitRemoved(Connection c, ContainerId id) {
    tolerating(404, () -> c.wire().post("/containers/" + id + "/wait?condition=removed", noBody()));
  }

  @Override
  public void requirePath(ContainerId id, String path, Deadline deadline) {
    run(
        "look for %s in container %s".formatted(path, id.shortForm()),
        deadline,
        c -> {
          // The transport knows no HEAD: what is found is not read.
          try (Response _ =
              c.wire()
                  .open(
                      Method.GET,
                      "/containers/%s/archive?path=%s".formatted(id, Wire.query(path)),
                      Map.of())) {}
        });
  }

  @Override
  public void update(ContainerId id, ResourceSpec resources, Deadline deadline) {
    run(
        "update container " + id.shortForm(),
        deadline,
        c -> c.wire().post("/containers/" + id + "/update", ContainerJson.update(resources)));
  }

  @Override
  public String createExec(ContainerId id, ExecSpec spec, Deadline deadline) {
    return call(
        "prepare a command in container " + id.shortForm(),
        deadline,
        c ->
            Fields.text(
                c.wire().post("/containers/" + id + "/exec", ContainerJson.exec(spec)), "Id"));
  }

  @Override
  public void runExec(
      String execId, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline) {
    ObjectNode attached = Wire.JSON.createObjectNode().put("Detach", false).put("Tty", false);
    String path = "/exec/" + Wire.query(execId) + "/start";
    run(
        "run command " + execId,
        deadline,
        c -> {
          try (Response response = c.wire().open(path, attached)) {
            OutputFrames.read(response.getBody(), stdout, stderr);
          }
        });
  }

  @Override
  public EngineStream startExec(String execId, boolean tty, Deadline deadline) {
    ObjectNode body = Wire.JSON.createObjectNode().put("Detach", false).put("Tty", tty);
    return hijack(
        "run command " + execId, "/exec/" + Wire.query(execId) + "/start", body, tty, deadline);
  }

  @Override
  public EngineStream attach(ContainerId id, AttachSpec spec, Deadline deadline) {
    String path =
        "/containers/%s/attach?stream=1&stdin=%b&stdout=%b&stderr=%b"
            .formatted(id, spec.stdin(), spec.stdout(), spec.stderr());
    return hijack("attach to container " + id.shortForm(), path, noBody(), spec.tty(), deadline);
  }

  @Override
  public void resizeExec(String execId, TerminalSize size, Deadline deadline) {
    resize("command " + execId, "/exec/" + Wire.query(execId), size, deadline);
  }

  @Override
  public void resizeContainer(ContainerId id, TerminalSize size, Deadline deadline) {
    resize("container " + id.shortForm(), "/containers/" + id, size, deadline);
  }

  private void resize(String object, String path, TerminalSize size, Deadline deadline) {
    String query = "/resize?w=%d&h=%d".formatted(size.columns(), size.rows());
    run("resize " + object, deadline, c -> c.wire().post(path + query, noBody()));
  }

  private EngineStream hijack(
      String what, String path, ObjectNode body, boolean tty, Deadline deadline) {
    HijackedStream stream = new HijackedStream(connections.host(), what, tty);
    boolean open = false;
    try {
      run(what, deadline, c -> stream.open("/v" + c.version() + path, body));
      open = true;
      return stream;
    } finally {
      if (!open) {
        stream.close();
      }
    }
  }

  @Override
  public ExecState inspectExec(String execId, Deadline deadline) {
    return call(
        "inspect command " + execId,
        deadline,
        c -> ContainerAnswers.exec(c.wire().get("/exec/" + Wire.query(execId) + "/json")));
  }

  @Override
  public List<EngineImage> images(Deadline deadline) {
    return call(
        "list images", deadline, c -> items(c, "/images/json").map(EngineAnswers::listed).toList());
  }

  @Override
  public Optional<EngineImage> image(String reference, Deadline deadline) {
    String path = "/images/" + ImageReference.checked(reference) + "/json";
    return call(
        "inspect image " + reference,
        deadline,
        c -> found(() -> EngineAnswers.image(c.wire().get(path))));
  }

  @Override
  public String imageSpec(String imageId, Deadline deadline) {
    String path = "/images/" + ImageReference.checked(imageId);
    return call(
        "ask for the history of image " + imageId,
        deadline,
        c ->
            EngineAnswers.imageSpec(c.wire().get(path + "/json"), c.wire().get(path + "/history"))
                .toString());
  }

  @Override
  public ImageLayers layers(String imageId, Deadline deadline) {
    String path = "/images/" + ImageReference.checked(imageId) + "/json";
    return call(
        "find the layers of image " + imageId,
        deadline,
        c -> EngineAnswers.layers(c.wire().get(path).path("GraphDriver")));
  }

  @Override
  public List<ContainerId> containersOf(String imageId, Deadline deadline) {
    // Docker's filter finds containers of derived images too.
    String path = "/containers/json?all=1&filters=" + filters("ancestor", List.of(imageId));
    return call(
        "list containers of image " + imageId,
        deadline,
        c ->
            items(c, path)
                .filter(item -> Fields.text(item, "ImageID").equals(imageId))
                .map(item -> new ContainerId(Fields.text(item, "Id")))
                .toList());
  }

  @Override
  public void pull(
      String reference, Optional<RegistryAuth> auth, PullListener listener, Deadline deadline) {
    Pull pull = new Pull(reference);
    run("pull " + reference, deadline, c -> pull.run(c.wire(), auth, listener));
  }

  @Override
  public void tag(String imageId, String reference, Deadline deadline) {
    String id = ImageReference.checked(imageId);
    String repository = ImageReference.repository(ImageReference.checked(reference));
    run(
        "tag image %s as %s".formatted(imageId, reference),
        deadline,
        c -> c.typed().tagImageCmd(id, repository, ImageReference.tag(reference)).exec());
  }

  @Override
  public void removeImage(String reference, boolean force, Deadline deadline) {
    String checked = ImageReference.checked(reference);
    run(
        "remove image " + reference,
        deadline,
        c -> tolerating(404, () -> c.typed().removeImageCmd(checked).withForce(force).exec()));
  }

  @Override
  public void followEvents(Instant since, Runnable opened, Consumer<EngineEvent> sink) {
    String path =
        "/events?since=%d.%09d&filters=%s"
            .formatted(
                since.getEpochSecond(),
                since.getNano(),
                filters("type", List.of("container", "image")));
    run(
        "follow Docker's events",
        Deadline.never(),
        c -> {
          try (Response response = c.wire().open(Method.GET, path, Map.of())) {
            opened.run();
            Wire.values(response.getBody(), value -> sink.accept(EngineAnswers.event(value)));
          }
          throw new IOException("the event stream ended");
        });
  }

  @Override
  public void followLogs(ContainerId id, Instant since, Consumer<LogPiece> sink) {
    run(
        "read the output of container " + id.shortForm(),
        Deadline.never(),
        c -> LogPieces.follow(c.wire(), id, since, sink));
  }

  private <T> T call(String what, Deadline deadline, Work<T> work) {
    return BlockingCalls.run(
        what,
        deadline,
        () -> {
          try {
            return onConnection(work);
          } catch (Exception e) {
            throw Failures.translate(connections.host(), what, e);
          }
        });
  }

  private <T> T onConnection(Work<T> work) throws Exception {
    Connection connection = connections.take();
    try {
      return work.on(connection);
    } catch (Exception e) {
      // An interrupted call closed its own socket: that says nothing about the others.
      if (!Thread.currentThread().isInterrupted() && Failures.breaksConnection(e)) {
        connections.lost(connection);
      }
      throw e;
    } finally {
      connection.release();
    }
  }

  private void run(String what, Deadline deadline, Action action) {
    call(
        what,
        deadline,
        c -> {
          action.on(c);
          return true;
        });
  }

  private static <T> Optional<T> found(Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (StatusException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** An answer of that status means that there was nothing to do. */
  private static void tolerating(int status, Runnable request) {
    try {
      request.run();
    } catch (RuntimeException e) {
      if (Failures.statusOf(e).orElse(0) != status) {
        throw e;
      }
    }
  }

  private static ObjectNode noBody() {
    return Wire.JSON.createObjectNode();
  }

  private static Stream<JsonNode> items(Connection connection, String path) {
    return StreamSupport.stream(connection.wire().get(path).spliterator(), false);
  }

  private static String filters(String key, List<String> values) {
    ObjectNode filters = Wire.JSON.createObjectNode();
    values.forEach(filters.putArray(key)::add);
    return Wire.query(filters.toString());
  }

  @FunctionalInterface
  private interface Work<T> {
    T on(Connection connection) throws Exception;
  }

  @FunctionalInterface
  private interface Action {
    void on(Connection connection) throws Exception;
  }
}
