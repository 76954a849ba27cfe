package dev.longshore.common;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;

/** What a caller makes of an encoded answer. */
public final class Decoded {
  private Decoded() {}

  public static <M> M of(Encoded answer, Parser<M> parser) {
    try {
      return parser.parseFrom(
          ByteString.copyFrom(answer.parts().stream().map(ByteString::copyFrom).toList()));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("no answer of this type", e);
    }
  }
}
