package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.ResourceSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryDecoderTest {
  private final EntryDecoder decoder = new EntryDecoder();

  @Test
  void aSandboxIsDecodedWhole() {
    EngineContainer answer = Samples.sandbox(3);
    SandboxView sandbox = (SandboxView) decoder.decode(answer).orElseThrow();
    assertThat(sandbox.name().pod()).isEqualTo("p3");
    assertThat(sandbox.metadata()).isEqualTo(KubeLabels.read(answer.labels()));
    assertThat(sandbox.engine().labels()).isEqualTo(without(answer.labels(), KubeLabels.LONGSHORE));
  }

  @Test
  void whatDockerAnsweredIsKeptButForOneLabel() {
    EngineContainer plain = Samples.sandbox(3);
    EngineContainer answer =
        new EngineContainer(
            plain.id(),
            plain.name(),
            plain.created(),
            Samples.running(),
            "sha256:a",
            "image",
            plain.labels(),
            new HostSettings(
                "network",
                "pid",
                "ipc",
                "runsc",
                "/parent",
                true,
                true,
                "1:2",
                "SIGINT",
                ResourceSpec.NONE.withOomScoreAdj(7)),
            List.of(new MountPoint("bind", "/source", "/target", true, "rslave")),
            "/docker/log");
    EngineContainer kept = decoder.decode(answer).orElseThrow().engine();
    assertThat(kept).usingRecursiveComparison().ignoringFields("labels").isEqualTo(answer);
    assertThat(kept.labels()).isEqualTo(without(answer.labels(), KubeLabels.LONGSHORE));
  }

  @Test
  void aContainerKnowsItsSandboxAndItsLog() {
    EngineContainer answer =
        Samples.fresh(Samples.id(2), Samples.containerSpec("a", Samples.id(1)));
    ContainerView container = (ContainerView) decoder.decode(answer).orElseThrow();
    assertThat(container.sandboxId()).isEqualTo(Samples.id(1));
    assertThat(container.logPath()).isEqualTo("/var/log/pods/a/0.log");
    assertThat(container.name().container()).isEqualTo("web");
  }

  @Test
  void aContainerOfCridockerdWithoutALogPathIsDecoded() {
    Map<String, String> labels =
        Map.of(
            KubeLabels.TYPE,
            "container",
            KubeLabels.SANDBOX_ID,
            Samples.id(1).value(),
            "app",
            "web");
    EngineContainer answer =
        Samples.engine(Samples.id(2), "k8s_web_p_default_u_0_3fa9c21b", labels, Samples.START);
    ContainerView container = (ContainerView) decoder.decode(answer).orElseThrow();
    assertThat(container.logPath()).isEmpty();
    assertThat(container.metadata().labels()).containsExactly(Map.entry("app", "web"));
  }

  @ParameterizedTest
  @CsvSource({
    "web, container, full",
    "k8s_web_p_default_u, container, full",
    "k8s_web_p_default_u_0, container, abc",
    "k8s_web_p_default_u_0, container, ''",
    "k8s_web_p_default_u_0, somethingelse, full",
    "k8s_web_p_default_u_0, '', full",
  })
  void whatDoesNotNameItsPodIsLeftOut(String name, String type, String sandbox) {
    Map<String, String> labels =
        Map.of(
            KubeLabels.TYPE,
            type,
            KubeLabels.SANDBOX_ID,
            sandbox.equals("full") ? Samples.id(1).value() : sandbox);
    assertThat(decoder.decode(Samples.engine(Samples.id(2), name, labels, Samples.START)))
        .isEmpty();
  }

  @Test
  void textsThatRecurAreKeptOnce() {
    Entry first = decoder.decode(Samples.sandbox(1)).orElseThrow();
    Entry second = decoder.decode(Samples.sandbox(2)).orElseThrow();
    assertThat(first.engine().imageId()).isSameAs(second.engine().imageId());
    assertThat(first.name().pod()).isSameAs(first.metadata().labels().get("app"));
  }

  private static Map<String, String> without(Map<String, String> labels, String key) {
    Map<String, String> rest = new HashMap<>(labels);
    rest.remove(key);
    return rest;
  }
}
