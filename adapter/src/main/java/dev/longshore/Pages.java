package dev.longshore;

import dev.longshore.common.CriException;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.http.HealthPage;
import dev.longshore.metrics.http.HealthPage.Check;
import dev.longshore.metrics.http.MetricsPage;
import dev.longshore.metrics.http.Page;
import dev.longshore.metrics.http.Page.Answer;
import dev.longshore.rpc.SelfCheck;
import dev.longshore.view.EngineHealth;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is served at {@code --metrics-bind-addr}, by path. Alive is who answers on its own socket;
 * Docker away is no reason to start anew, so only readiness asks for it.
 */
final class Pages {
  private static final Family BUILD =
      Family.gauge("longshore_build_info", "", "Always 1, with the version that runs", "version");

  private static final Path PROC = Path.of("/proc");

  private Pages() {}

  /** {@code edges} are the figures of what the server is made of besides. */
  static Map<String, Page> of(
      Longshore longshore, List<Source> edges, SelfCheck socket, String version) {
    Check serves = () -> problem(socket);
    Page alive = new HealthPage(Map.of("socket", serves));
    Map<String, Check> ready = new LinkedHashMap<>();
    ready.put("socket", serves);
    ready.put("docker", () -> problem(longshore.view().health()));
    return Map.of(
        "/metrics",
        MetricsPage.negotiated(metrics(longshore, edges, version)),
        "/metrics/cadvisor",
        accept -> pods(longshore, accept),
        "/healthz",
        alive,
        "/livez",
        alive,
        "/readyz",
        new HealthPage(ready));
  }

  /** A scrape that fails shows; one that is empty looks like a node without pods. */
  private static Answer pods(Longshore longshore, String accept)
      throws IOException, InterruptedException {
    try {
      return MetricsPage.plain(longshore.podSeries()).answer(accept);
    } catch (CriException e) {
      return Answer.text(503, e.getMessage() + "\n");
    }
  }

  /** All that {@code /metrics} shows. */
  static Source metrics(Longshore longshore, List<Source> edges, String version) {
    return Source.of(
        List.of(
            build(version),
            Source.of(longshore.sources()),
            Source.of(edges),
            new ProcessFigures(PROC, Instant.now())));
  }

  private static Source build(String version) {
    return (Exposition out) -> {
      out.family(BUILD);
      out.sample(BUILD, List.of(version), 1);
    };
  }

  private static Optional<String> problem(SelfCheck socket) throws InterruptedException {
    try {
      socket.run();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> problem(EngineHealth docker) {
    return docker.ready()
        ? Optional.empty()
        : Optional.of("%s: %s".formatted(docker.reason(), docker.message()));
  }
}
