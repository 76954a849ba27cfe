package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libcni's cache of attachments on disk, one file each, so that any runtime built on libcni can
 * delete what Longshore added and the reverse. Keeps nothing in memory; thread-safe as long as
 * nobody changes the same sandbox at the same time.
 */
final class ResultCache {
  private static final Logger log = LoggerFactory.getLogger(ResultCache.class);

  private final Path results;

  ResultCache(Path cacheDir) {
    results = cacheDir.resolve("results");
  }

  /**
   * Stores an attachment; the file is whole or absent.
   *
   * @throws CriException UNAVAILABLE, naming the file, when the disk refuses
   */
  void put(Attachment attachment, Path netns, ObjectNode result) {
    String name = CachedAttachment.fileName(attachment);
    Path file = results.resolve(name);
    Path draft = results.resolve("." + name + ".tmp");
    try {
      Files.createDirectories(
          results,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(draft);
      write(draft, CachedAttachment.write(attachment, netns, result));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CriException(
          Kind.UNAVAILABLE,
          "the network of %s is up, but its result cannot be kept in %s: %s; free the disk"
              .formatted(attachment.subject(), file, e),
          e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** All attachments of a sandbox, the loopback among them; unreadable files are left out. */
  List<CachedAttachment> find(ContainerId sandboxId) {
    List<CachedAttachment> found = new ArrayList<>();
    for (Path file : files(sandboxId)) {
      if (String.valueOf(file.getFileName()).startsWith(".")) {
        continue;
      }
      try {
        found.add(CachedAttachment.read(file, sandboxId, Files.readString(file)));
      } catch (NoSuchFileException e) {
        log.debug("{} was removed meanwhile", file);
      } catch (IOException | CniFormatException e) {
        log.warn("passing over {} in CNI's cache: {}", file, e.getMessage());
      }
    }
    return found;
  }

  /** Removes all files of a sandbox, unreadable ones and drafts too. */
  void forget(ContainerId sandboxId) {
    for (Path file : files(sandboxId)) {
      remove(file);
    }
  }

  void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Harmless but for the space: the next DEL of the sandbox meets it again.
      log.warn("cannot remove {} from CNI's cache: {}", file, e.toString());
    }
  }

  private List<Path> files(ContainerId sandboxId) {
    String part = "-" + sandboxId.value() + "-";
    try (Stream<Path> all = Files.list(results)) {
      return all.filter(file -> String.valueOf(file.getFileName()).indexOf(part) > 0)
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new CriException(
          Kind.UNAVAILABLE, "cannot read CNI's cache in %s: %s".formatted(results, e), e);
    }
  }
}
