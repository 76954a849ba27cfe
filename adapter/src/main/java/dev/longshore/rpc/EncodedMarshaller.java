package dev.longshore.rpc;

import dev.longshore.common.Encoded;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;

/** Sends what is encoded already. */
final class EncodedMarshaller implements Marshaller<Encoded> {
  @Override
  public InputStream stream(Encoded message) {
    return new Parts(message);
  }

  @Override
  public Encoded parse(InputStream stream) {
    try {
      return new Encoded(List.of(stream.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** gRPC copies it once, into the buffers that go to the socket. */
  private static final class Parts extends SequenceInputStream implements Drainable, KnownLength {
    private final Encoded message;

    private Parts(Encoded message) {
      super(
          Collections.enumeration(
              message.parts().stream().map(ByteArrayInputStream::new).toList()));
      this.message = message;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      for (byte[] part : message.parts()) {
        target.write(part);
      }
      return message.size();
    }

    @Override
    public int available() {
      return message.size();
    }
  }
}
