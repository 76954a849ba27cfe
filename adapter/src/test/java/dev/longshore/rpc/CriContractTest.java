package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.longshore.cri.v1.VersionRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The compiled contract against the table of Kubernetes 1.36 ({@code cri-v1.tsv}), line by line in
 * the table's form: kind, owner, name, number, label, type, note. Whatever is missing, surplus or
 * different on either side is a difference of two lists.
 */
class CriContractTest {
  private static final FileDescriptor CONTRACT = VersionRequest.getDescriptor().getFile();

  @Test
  void messagesFieldsAndEnumsAreThoseOfTheTable() throws IOException {
    List<String> compiled = new ArrayList<>();
    CONTRACT.getMessageTypes().forEach(message -> describe(message, compiled));
    CONTRACT.getEnumTypes().forEach(type -> describe(type, compiled));

    assertThat(compiled)
        .containsExactlyInAnyOrderElementsOf(table().filter(l -> !l.startsWith("rpc\t")).toList());
  }

  @Test
  void callsAreThoseOfTheTable() throws IOException {
    List<String> compiled = new ArrayList<>();
    CONTRACT.getServices().forEach(service -> describe(service, compiled));

    assertThat(compiled)
        .hasSize(41)
        .containsExactlyInAnyOrderElementsOf(table().filter(l -> l.startsWith("rpc\t")).toList());
  }

  @Test
  void callsGoByTheNamesTheKubeletUses() {
    assertThat(CONTRACT.getServices().stream().map(ServiceDescriptor::getFullName))
        .containsExactly("runtime.v1.RuntimeService", "runtime.v1.ImageService");
  }

  private static void describe(ServiceDescriptor service, List<String> lines) {
    for (MethodDescriptor method : service.getMethods()) {
      String label =
          (method.isClientStreaming() ? "client-stream " : "")
              + (method.isServerStreaming() ? "stream" : "");
      lines.add(
          line(
              "rpc",
              service.getName(),
              method.getName(),
              "",
              label,
              method.getInputType().getName(),
              method.getOutputType().getName()));
    }
  }

  private static void describe(Descriptor message, List<String> lines) {
    lines.add(line("message", localName(message.getFullName())));
    message.getFields().forEach(field -> lines.add(describe(field)));
    message.getEnumTypes().forEach(type -> describe(type, lines));
    message.getNestedTypes().stream()
        .filter(nested -> !nested.getOptions().getMapEntry())
        .forEach(nested -> describe(nested, lines));
  }

  private static String describe(FieldDescriptor field) {
    boolean inOneof = field.getContainingOneof() != null;
    String label = field.isRepeated() && !field.isMapField() ? "repeated" : "";
    return line(
        "field",
        localName(field.getContainingType().getFullName()),
        field.getName(),
        Integer.toString(field.getNumber()),
        inOneof ? "oneof" : label,
        type(field),
        field.getOptions().getDeprecated() ? "deprecated" : "");
  }

  private static void describe(EnumDescriptor type, List<String> lines) {
    lines.add(line("enum", localName(type.getFullName())));
    for (EnumValueDescriptor value : type.getValues()) {
      lines.add(
          line(
              "value",
              localName(type.getFullName()),
              value.getName(),
              Integer.toString(value.getNumber())));
    }
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<%s,%s>"
          .formatted(type(entry.findFieldByNumber(1)), type(entry.findFieldByNumber(2)));
    }
    return switch (field.getJavaType()) {
      // A type inside a message goes by its short name, as the field's own text has it.
      case MESSAGE -> field.getMessageType().getName();
      case ENUM -> field.getEnumType().getName();
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
          field.toProto().getType().name().replace("TYPE_", "").toLowerCase(Locale.ROOT);
    };
  }

  private static String localName(String fullName) {
    return fullName.substring(CONTRACT.getPackage().length() + 1);
  }

  private static String line(String... columns) {
    return String.join("\t", columns).stripTrailing();
  }

  private static Stream<String> table() throws IOException {
    try (InputStream file = CriContractTest.class.getResourceAsStream("/cri-v1.tsv")) {
      assertThat(file).as("cri-v1.tsv among the test resources").isNotNull();
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines().skip(1).map(String::stripTrailing).toList().stream();
    }
  }
}
