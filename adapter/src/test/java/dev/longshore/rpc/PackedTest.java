package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ListContainersResponse;
import org.junit.jupiter.api.Test;

class PackedTest {
  private static final ListContainersResponse LIST =
      ListContainersResponse.newBuilder()
          .addContainers(Container.newBuilder().setId("a").putLabels("app", "web"))
          .addContainers(Container.newBuilder().setId("b").setCreatedAt(7))
          .build();
  private static final ListContainersResponse OTHER =
      ListContainersResponse.newBuilder().addContainers(Container.newBuilder().setId("c")).build();

  private final Packed<ListContainersResponse> packed = new Packed<>();

  @Test
  void onceGivenAnAnswerIsItself() {
    assertThat(packed.pack(LIST)).isSameAs(LIST);
    assertThat(packed.pack(OTHER)).isSameAs(OTHER);
    assertThat(packed.pack(LIST)).isSameAs(LIST);
  }

  @Test
  void givenAgainItIsKeptInTheSameBytes() throws Exception {
    ListContainersResponse first = packed.pack(LIST);
    ListContainersResponse second = packed.pack(LIST);
    assertThat(second).isNotSameAs(first).isSameAs(packed.pack(LIST));
    assertThat(second.toByteString()).isEqualTo(LIST.toByteString());
    assertThat(ListContainersResponse.parseFrom(second.toByteString())).isEqualTo(LIST);
  }

  @Test
  void anotherAnswerTakesItsPlace() {
    ListContainersResponse _ = packed.pack(LIST);
    ListContainersResponse _ = packed.pack(LIST);
    assertThat(packed.pack(OTHER)).isSameAs(OTHER);
    assertThat(packed.pack(OTHER).toByteString()).isEqualTo(OTHER.toByteString());
  }

  @Test
  void anEmptyAnswerStaysEmpty() {
    ListContainersResponse none = ListContainersResponse.getDefaultInstance();
    assertThat(packed.pack(none).toByteString()).isEmpty();
    assertThat(packed.pack(none).toByteString()).isEmpty();
  }
}
