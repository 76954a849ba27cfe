package dev.longshore.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not asked for costs no memory. */
class TracingOffTest {
  @TempDir private Path folder;

  @Test
  void withoutAnEndpointNotAClassOfTracingIsLoaded() throws Exception {
    assertThat(loadedBy()).contains("dev.longshore.Server").doesNotContain("dev.longshore.tracing");
  }

  @Test
  void withAnEndpointItIs() throws Exception {
    assertThat(loadedBy("--tracing-endpoint=http://127.0.0.1:9"))
        .contains("dev.longshore.tracing.OtlpRecorder");
  }

  private String loadedBy(String... more) throws Exception {
    Path classes = folder.resolve("classes");
    Path socket = folder.resolve("s.sock");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:file=" + classes,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.longshore.Main",
                "serve",
                "--config=",
                "--metrics-bind-addr=0",
                "--container-runtime-endpoint=unix://" + socket,
                "--docker-endpoint=unix://" + folder.resolve("none.sock"),
                "--root-directory=" + folder.resolve("root"),
                "--cni-conf-dir=" + folder.resolve("net.d"),
                "--cni-cache-dir=" + folder.resolve("cni")));
    command.addAll(List.of(more));
    Process server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      Eventually.until("it serves", () -> Files.exists(socket));
    } finally {
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).as("ends").isTrue();
    }
    return Files.readString(classes);
  }
}
