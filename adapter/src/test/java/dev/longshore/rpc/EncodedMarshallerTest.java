package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.Encoded;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ListContainersResponse;
import io.grpc.Drainable;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedMarshallerTest {
  private static final Container A =
      Container.newBuilder().setId("a").putLabels("app", "web").build();
  private static final Container B = Container.newBuilder().setId("b").setCreatedAt(7).build();
  private static final ListContainersResponse LIST =
      ListContainersResponse.newBuilder().addContainers(A).addContainers(B).build();

  private final EncodedMarshaller marshaller = new EncodedMarshaller();
  private final Encoded list = new Encoded(List.of(part(A), part(B)));

  @Test
  void itemsBesideEachOtherAreTheList() throws Exception {
    try (InputStream stream = marshaller.stream(list)) {
      assertThat(stream.available()).isEqualTo(LIST.getSerializedSize());
      assertThat(stream.readAllBytes()).isEqualTo(LIST.toByteArray());
    }
  }

  @Test
  void theBytesAreTheSameWhenDrained() throws Exception {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (InputStream stream = marshaller.stream(list)) {
      assertThat(((Drainable) stream).drainTo(target)).isEqualTo(LIST.getSerializedSize());
    }
    assertThat(target.toByteArray()).isEqualTo(LIST.toByteArray());
  }

  @Test
  void whatWasReadIsNotDrainedAgain() throws Exception {
    byte[] all = LIST.toByteArray();
    for (int read = 0; read <= all.length; read++) {
      ByteArrayOutputStream target = new ByteArrayOutputStream();
      try (InputStream stream = marshaller.stream(list)) {
        target.write(stream.readNBytes(read));
        assertThat(stream.available()).isEqualTo(all.length - read);
        assertThat(((Drainable) stream).drainTo(target)).isEqualTo(all.length - read);
        assertThat(stream.read()).isEqualTo(-1);
      }
      assertThat(target.toByteArray()).isEqualTo(all);
    }
  }

  @Test
  void bytesMayBeReadOneByOne() throws Exception {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (InputStream stream = marshaller.stream(list)) {
      for (int next = stream.read(); next >= 0; next = stream.read()) {
        target.write(next);
      }
    }
    assertThat(target.toByteArray()).isEqualTo(LIST.toByteArray());
  }

  @Test
  void anEmptyListHasNoBytes() throws Exception {
    try (InputStream stream = marshaller.stream(new Encoded(List.of()))) {
      assertThat(stream.available()).isZero();
      assertThat(stream.readAllBytes()).isEmpty();
    }
  }

  private static byte[] part(Container container) {
    return ListContainersResponse.newBuilder().addContainers(container).build().toByteArray();
  }
}
