package dev.longshore.rpc;

import dev.longshore.common.Encoded;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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

  /** gRPC drains it into the buffers that go to the socket. */
  private static final class Parts extends InputStream implements Drainable, KnownLength {
    /** One write to gRPC costs more than copying so much. */
    private static final int GATHERED = 8 << 10;

    private final List<byte[]> parts;
    private int left;
    private int part;
    private int offset;

    private Parts(Encoded message) {
      parts = message.parts();
      left = message.size();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int drained = left;
      OutputStream gathering = new BufferedOutputStream(target, GATHERED);
      for (; left > 0; part++, offset = 0) {
        byte[] bytes = parts.get(part);
        gathering.write(bytes, offset, bytes.length - offset);
        left -= bytes.length - offset;
      }
      gathering.flush();
      return drained;
    }

    @Override
    public int available() {
      return left;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int start, int length) {
      if (left == 0) {
        return -1;
      }
      while (offset == parts.get(part).length) {
        part++;
        offset = 0;
      }
      int count = Math.min(length, parts.get(part).length - offset);
      System.arraycopy(parts.get(part), offset, into, start, count);
      offset += count;
      left -= count;
      return count;
    }
  }
}
