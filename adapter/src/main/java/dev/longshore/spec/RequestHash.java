package dev.longshore.spec;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.longshore.docker.KubeLabels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What makes two requests the same. */
public final class RequestHash {
  private RequestHash() {}

  /** Equal for equal messages, whatever the order of their maps. */
  public static String of(MessageLite request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(request.getSerializedSize());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      request.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory refused a write", e);
    }
    return KubeLabels.hash(bytes.toByteArray());
  }
}
