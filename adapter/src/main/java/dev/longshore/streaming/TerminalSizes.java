package dev.longshore.streaming;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.common.CriException;
import dev.longshore.docker.TerminalSize;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the sizes of a client's terminal: JSON objects, one after the other. */
final class TerminalSizes {
  private static final Logger log = LoggerFactory.getLogger(TerminalSizes.class);
  private static final int LONGEST = 1024;

  private TerminalSizes() {}

  /** Hands on each size until the stream ends; gives up at what is no size. */
  static void read(Inbox from, Consumer<TerminalSize> sink) {
    StringBuilder text = new StringBuilder();
    try {
      Optional<ByteBuf> data = from.take();
      while (data.isPresent()) {
        try {
          text.append(data.get().toString(StandardCharsets.UTF_8));
        } finally {
          data.get().release();
        }
        deliver(text, sink);
        if (text.length() > LONGEST) {
          from.discard();
          return;
        }
        data = from.take();
      }
    } catch (InterruptedException e) {
      from.discard();
    } catch (JsonProcessingException e) {
      log.debug("a client sent something else than sizes of its terminal", e);
      from.discard();
    }
  }

  private static void deliver(StringBuilder text, Consumer<TerminalSize> sink)
      throws JsonProcessingException {
    int end = text.indexOf("}");
    while (end >= 0) {
      JsonNode size = Outcome.JSON.readTree(text.substring(0, end + 1));
      text.delete(0, end + 1);
      int width = size.path("Width").asInt();
      int height = size.path("Height").asInt();
      // A client without a terminal of its own sends zeros.
      if (width > 0 && height > 0 && width <= 0xffff && height <= 0xffff) {
        apply(new TerminalSize(width, height), sink);
      }
      end = text.indexOf("}");
    }
  }

  private static void apply(TerminalSize size, Consumer<TerminalSize> sink) {
    try {
      sink.accept(size);
    } catch (CriException e) {
      log.debug("the terminal keeps its size", e);
    }
  }
}
