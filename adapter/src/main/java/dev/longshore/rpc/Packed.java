package dev.longshore.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.lang.ref.WeakReference;
import java.util.Optional;

/**
 * Spares an answer that is given again and again its encoding: the kubelet asks for the same lists
 * every second, and to encode a node's lists costs more than all else in the call. Thread-safe.
 */
final class Packed<R extends Message> {
  private volatile Optional<Known<R>> last = Optional.empty();

  /**
   * An answer of the same bytes. From the second time on that the same object is given, its fields
   * are encoded already, and no longer to be had by name.
   */
  R pack(R answer) {
    Optional<Known<R>> known = last.filter(k -> k.source.refersTo(answer));
    if (known.isEmpty()) {
      last = Optional.of(new Known<>(new WeakReference<>(answer), Optional.empty()));
      return answer;
    }
    return known.get().packed.orElseGet(() -> packAndKeep(answer));
  }

  private R packAndKeep(R answer) {
    R packed = encoded(answer);
    last = Optional.of(new Known<>(new WeakReference<>(answer), Optional.of(packed)));
    return packed;
  }

  @SuppressWarnings("unchecked") // A message's builder builds messages of its type.
  private static <R extends Message> R encoded(R answer) {
    try {
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(answer.toByteString());
      return (R) answer.newBuilderForType().setUnknownFields(fields).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("what was just encoded cannot be decoded", e);
    }
  }

  /** The answer given last, and its encoded form once it was given twice. */
  private record Known<R>(WeakReference<R> source, Optional<R> packed) {}
}
