package dev.longshore.network;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's pod CIDR, one per IP family. Kept in a file, because the kubelet sends it only when it
 * changes, not when Longshore starts again. Thread-safe.
 */
final class PodCidr {
  private static final Logger log = LoggerFactory.getLogger(PodCidr.class);

  private final Path file;
  private volatile List<String> cidrs;

  /** {@code otherwise} holds until one is set; it may be blank. */
  PodCidr(Path file, String otherwise) {
    this.file = file;
    this.cidrs = read(file, split(otherwise));
  }

  /** Empty while none is known. */
  List<String> cidrs() {
    return cidrs;
  }

  /**
   * Sets it; blank is ignored.
   *
   * @throws CriException INVALID for a text that is no CIDR
   */
  synchronized void set(String text) {
    List<String> given = split(text);
    if (given.isEmpty() || given.equals(cidrs)) {
      return;
    }
    log.info("the node's pod CIDR is {}", String.join(",", given));
    cidrs = given;
    try {
      Path folder = file.toAbsolutePath().getParent();
      Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(draft, String.join(",", given));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn(
          "the pod CIDR holds, but cannot be kept for a restart in {}: {}", file, e.toString());
    }
  }

  private static List<String> read(Path file, List<String> otherwise) {
    try {
      List<String> kept = split(Files.readString(file));
      return kept.isEmpty() ? otherwise : kept;
    } catch (NoSuchFileException e) {
      return otherwise;
    } catch (IOException | CriException e) {
      log.warn("passing over the pod CIDR kept in {}: {}", file, e.toString());
      return otherwise;
    }
  }

  private static List<String> split(String text) {
    List<String> cidrs =
        Stream.of(text.split(",", -1)).map(String::strip).filter(one -> !one.isEmpty()).toList();
    cidrs.forEach(PodCidr::check);
    return cidrs;
  }

  private static void check(String cidr) {
    String[] parts = cidr.split("/", -1);
    try {
      int bits = InetAddress.ofLiteral(parts[0]).getAddress().length * 8;
      int length = parts.length == 2 ? Integer.parseInt(parts[1]) : -1;
      if (length >= 0 && length <= bits) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new CriException(
        Kind.INVALID,
        "pod CIDR \"%s\" must be an address and a prefix length such as 10.1.0.0/24"
            .formatted(cidr));
  }
}
