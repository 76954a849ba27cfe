package dev.longshore.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.bench.Subject.BenchPod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What a pod costs when nobody stands between: the same requests to Docker and the same runs of CNI
 * plugins that a pod of a server took, made by the bench itself. The requests are learnt from a pod
 * that the server made, but for its labels, so that no server takes ours for its own. Thread-safe.
 */
final class BareClient implements Measured {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int GRACE_SECONDS = 10;

  private final DockerSocket docker;
  private final BarePlugins plugins;
  private final String run;
  private final Map<Call, Samples> samples = new EnumMap<>(Call.class);
  private final AtomicInteger next = new AtomicInteger();
  private final List<BarePod> pods = new CopyOnWriteArrayList<>();

  private volatile Recipe recipe = new Recipe("", "", List.of());

  /** {@code run} marks what is made. */
  BareClient(DockerSocket docker, BarePlugins plugins, String run) {
    this.docker = docker;
    this.plugins = plugins;
    this.run = run;
    for (Call call : Call.values()) {
      samples.put(call, new Samples());
    }
  }

  @Override
  public String name() {
    return "bare";
  }

  @Override
  public String place() {
    return "Docker and CNI plugins, asked directly";
  }

  @Override
  public Samples samples(Call call) {
    return samples.getOrDefault(call, new Samples());
  }

  @Override
  public double get(Figure figure) {
    return Double.NaN;
  }

  /** Looks at how a server's pod was made. */
  void learn(BenchPod pod) {
    recipe =
        new Recipe(
            pod.sandbox(), body(pod.sandbox()), pod.containers().stream().map(this::body).toList());
  }

  void start() throws InterruptedException {
    Recipe known = recipe;
    String name = prefix() + next.incrementAndGet();
    long began = System.nanoTime();
    String sandbox = create(name, known.sandboxBody);
    act(sandbox, "start");
    int pid = docker.ask("GET", path(sandbox, "json"), "").at("/State/Pid").asInt();
    BarePod pod = new BarePod(sandbox, pid, plugins.add(sandbox, pid), new ArrayList<>());
    pods.add(pod);
    samples(Call.RUN_POD_SANDBOX).add(System.nanoTime() - began);
    for (String body : known.containerBodies) {
      String ours = body.replace(known.sandbox, sandbox);
      String container =
          timed(Call.CREATE_CONTAINER, () -> create(name + "-" + pod.containers.size(), ours));
      pod.containers.add(container);
      JsonNode _ =
          timed(
              Call.START_CONTAINER,
              () -> {
                act(container, "start");
                return docker.ask("GET", path(container, "json"), "");
              });
    }
    samples(Call.POD_START).add(System.nanoTime() - began);
  }

  Collection<BarePod> pods() {
    return pods;
  }

  void end(BarePod pod) throws InterruptedException {
    pods.remove(pod);
    long began = System.nanoTime();
    for (String container : pod.containers) {
      act(container, "stop?t=" + GRACE_SECONDS);
    }
    plugins.delete(pod.sandbox, pod.pid, pod.network);
    act(pod.sandbox, "stop?t=0");
    for (String container : pod.containers) {
      remove(container);
    }
    remove(pod.sandbox);
    samples(Call.POD_END).add(System.nanoTime() - began);
  }

  /** Removes every pod of this run that is left. */
  void cleanUp() {
    for (BarePod pod : pods) {
      try {
        end(pod);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    // A pod that could not be made in full is not among them.
    String ours = URLEncoder.encode("{\"name\": [\"^/" + prefix() + "\"]}", StandardCharsets.UTF_8);
    docker
        .ask("GET", "/containers/json?all=1&filters=" + ours, "")
        .forEach(container -> remove(container.get("Id").asText()));
  }

  private String prefix() {
    return "bench-" + run.substring(0, 8) + "-";
  }

  private String create(String name, String body) {
    return docker.ask("POST", "/containers/create?name=" + name, body).get("Id").asText();
  }

  private void act(String id, String action) {
    JsonNode _ = docker.ask("POST", path(id, action), "");
  }

  private void remove(String id) {
    JsonNode _ = docker.ask("DELETE", "/containers/" + id + "?force=1&v=1", "");
  }

  private static String path(String id, String action) {
    return "/containers/" + id + "/" + action;
  }

  private <T> T timed(Call call, Supplier<T> work) {
    long began = System.nanoTime();
    T result = work.get();
    samples(call).add(System.nanoTime() - began);
    return result;
  }

  /** The body of the request that made the container. */
  private String body(String id) {
    JsonNode seen = docker.ask("GET", path(id, "json"), "");
    ObjectNode body = seen.get("Config").deepCopy();
    body.set("HostConfig", seen.get("HostConfig"));
    body.set("Labels", JSON.createObjectNode().put(Subject.RUN_LABEL, run));
    if (seen.at("/HostConfig/NetworkMode").asText().startsWith("container:")) {
      // Those of the sandbox, which Docker shows and does not take.
      body.remove(List.of("Hostname", "Domainname", "ExposedPorts"));
    }
    return body.toString();
  }

  /** How a server's pod was made: the bodies of its requests, which name its sandbox. */
  private record Recipe(String sandbox, String sandboxBody, List<String> containerBodies) {}

  /** A pod of ours; containers are added while it is made. */
  record BarePod(String sandbox, int pid, JsonNode network, List<String> containers) {}
}
