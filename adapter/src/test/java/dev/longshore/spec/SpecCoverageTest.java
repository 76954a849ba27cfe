package dev.longshore.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser.Feature;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import dev.longshore.common.CriException;
import dev.longshore.container.ContainerTranslation;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.javaclient.CreateJson;
import dev.longshore.sandbox.SandboxTranslation;
import dev.longshore.spec.Row.Mapped;
import dev.longshore.spec.Row.NotDockers;
import dev.longshore.spec.Row.Refused;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole of the pod spec: each field of PodSandboxConfig and ContainerConfig, and of the
 * messages in them, has a row that says what becomes of it, and each row is true.
 */
class SpecCoverageTest {
  /** Where a row finds what is kept for the start of the container. */
  static final String HIDDEN_LIMITS = "hidden label, limits";

  private static final ObjectMapper JSON = new ObjectMapper().enable(Feature.ALLOW_SINGLE_QUOTES);

  private static final EngineInfo ENGINE =
      new EngineInfo(
          "28.5.1",
          "1.51",
          "1.51",
          "systemd",
          2,
          "/var/lib/docker",
          "overlay2",
          "json-file",
          "crun",
          List.of("crun"),
          List.of("name=apparmor", "name=selinux"),
          false,
          Set.of("crun"),
          Map.of(),
          List.of());

  static List<Row> containerRows() {
    return Stream.of(
            ContainerRows.process(),
            ContainerRows.mountsAndDevices(),
            List.of(
                Row.notDockers("mounts.image", "image volumes; see ImageVolumesTest"),
                Row.notDockers("mounts.image_sub_path", "image volumes; see ImageVolumesTest")),
            ContainerRows.limits(),
            ContainerRows.security(),
            ContainerRows.namespaces())
        .flatMap(List::stream)
        .toList();
  }

  static List<Row> sandboxRows() {
    return Stream.concat(SandboxRows.pod().stream(), SandboxRows.security().stream()).toList();
  }

  @Test
  void everyFieldOfAContainerHasARow() {
    assertComplete(containerRows(), ContainerConfig.getDescriptor());
  }

  @Test
  void everyFieldOfASandboxHasARow() {
    assertComplete(sandboxRows(), PodSandboxConfig.getDescriptor());
  }

  @ParameterizedTest
  @MethodSource("containerRows")
  void aContainersFieldBecomesWhatItsRowSays(Row row) throws Exception {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config.getMetadataBuilder().setName("web");
    config.getImageBuilder().setImage("busybox:1");
    TextFormat.merge(row.text(), config);
    PodSandboxConfig pod = pod();
    check(row, () -> ContainerTranslation.of(config.build(), pod, "none", ENGINE));
  }

  @ParameterizedTest
  @MethodSource("sandboxRows")
  void aSandboxsFieldBecomesWhatItsRowSays(Row row) throws Exception {
    PodSandboxConfig.Builder config = pod().toBuilder();
    TextFormat.merge(row.text(), config);
    check(row, () -> SandboxTranslation.of(config.build(), ENGINE));
  }

  @Test
  void aContainerOfAHostNetworkPodSharesTheNodesName() throws Exception {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    TextFormat.merge("metadata{name:'web'} image{image:'busybox:1'}", config);
    JsonNode json =
        CreateJson.of(ContainerTranslation.of(config.build(), pod(), "host", ENGINE), "1.51");
    assertThat(json.at("/HostConfig/UTSMode").asText()).isEqualTo("host");
  }

  private static PodSandboxConfig pod() throws ParseException {
    PodSandboxConfig.Builder pod = PodSandboxConfig.newBuilder();
    TextFormat.merge(
        "metadata{name:'p' uid:'u' namespace:'n'} log_directory:'/var/log/pods/p'", pod);
    return pod.build();
  }

  private static void check(Row row, Translation translation) throws Exception {
    switch (row.fate()) {
      case Mapped(String pointer, String json) -> {
        ContainerSpec spec = translation.make();
        assertThat(found(spec, pointer)).isEqualTo(JSON.readTree(json));
      }
      case Refused(CriException.Kind kind, String words) ->
          assertThatThrownBy(translation::make)
              .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
              .hasMessageContaining(words);
      case NotDockers(String reason) -> assertThat(reason).isNotBlank();
    }
  }

  private static JsonNode found(ContainerSpec spec, String pointer) throws JsonProcessingException {
    return pointer.equals(HIDDEN_LIMITS)
        ? JSON.valueToTree(KubeLabels.read(spec.labels()).kernelLimits())
        : JSON.readTree(CreateJson.of(spec, ENGINE.apiVersion()).toString()).at(pointer);
  }

  private static void assertComplete(List<Row> rows, Descriptor root) {
    Set<String> fields = new TreeSet<>();
    collect("", root, fields);
    assertThat(fields.stream().filter(f -> rows.stream().noneMatch(row -> row.covers(f))))
        .as("fields without a row: say what becomes of them")
        .isEmpty();
    assertThat(rows.stream().filter(row -> fields.stream().noneMatch(row::covers)))
        .as("rows whose field is gone")
        .isEmpty();
  }

  /** The paths of all fields that are no messages, and of empty messages. */
  private static void collect(String prefix, Descriptor message, Set<String> into) {
    for (FieldDescriptor field : message.getFields()) {
      String path = prefix + field.getName();
      if (field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
        collect(path + ".", field.getMessageType(), into);
      } else {
        into.add(path);
      }
    }
  }

  @FunctionalInterface
  private interface Translation {
    ContainerSpec make();
  }
}
