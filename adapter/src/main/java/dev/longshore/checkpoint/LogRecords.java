package dev.longshore.checkpoint;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.FileFailures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * One record per container whose output is being copied, each a line of fixed length that is
 * written over in one write: that is whole or not there when the process is killed. Not synced: a
 * power cut ends the containers too, and the sum at the line's end tells a torn one. One thread per
 * container.
 */
public final class LogRecords {
  private static final int LENGTH = 160;
  private static final int FIELDS = 6;

  private final Path folder;

  private LogRecords(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens the folder, which is made if it is missing.
   *
   * @throws CriException INTERNAL when that fails
   */
  public static LogRecords open(Path folder) {
    try {
      DurableFiles.makeFolder(folder);
      return new LogRecords(folder);
    } catch (IOException e) {
      throw new CriException(
          Kind.INTERNAL,
          "cannot make %s, the folder of log positions: %s"
              .formatted(folder, FileFailures.reason(e)),
          e);
    }
  }

  /** The containers that have a record, readable or not. */
  public Set<ContainerId> ids() throws IOException {
    Set<ContainerId> ids = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (ContainerId.isWellFormed(name)) {
          ids.add(new ContainerId(name));
        }
      }
    }
    return ids;
  }

  /** Empty when there is none, or a torn one. */
  public Optional<LogRecord> read(ContainerId id) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file(id), "r")) {
      byte[] line = new byte[(int) Math.min(LENGTH, file.length())];
      file.readFully(line);
      return parse(new String(line, StandardCharsets.US_ASCII));
    } catch (FileNotFoundException _) {
      return Optional.empty();
    }
  }

  public void write(ContainerId id, LogRecord record) throws IOException {
    String fields =
        "%d %d %d %d %d %d "
            .formatted(
                record.sourceInode(),
                record.sourceOffset(),
                record.headLength(),
                record.headSum(),
                record.targetInode(),
                record.targetLength());
    String line = "%s%d".formatted(fields, sum(fields));
    byte[] padded = "%-159s%n".formatted(line).getBytes(StandardCharsets.US_ASCII);
    try (RandomAccessFile file = new RandomAccessFile(file(id), "rw")) {
      file.write(padded);
    }
  }

  public void delete(ContainerId id) throws IOException {
    Files.deleteIfExists(folder.resolve(id.value()));
  }

  private String file(ContainerId id) {
    return folder.resolve(id.value()).toString();
  }

  private static Optional<LogRecord> parse(String line) {
    String[] parts = line.strip().split(" ", -1);
    if (parts.length != FIELDS + 1) {
      return Optional.empty();
    }
    try {
      String fields = line.substring(0, line.strip().lastIndexOf(' ') + 1);
      if (Long.parseLong(parts[FIELDS]) != sum(fields)) {
        return Optional.empty();
      }
      return Optional.of(
          new LogRecord(
              Long.parseLong(parts[0]),
              Long.parseLong(parts[1]),
              Long.parseLong(parts[2]),
              Long.parseLong(parts[3]),
              Long.parseLong(parts[4]),
              Long.parseLong(parts[5])));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static long sum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.US_ASCII));
    return sum.getValue();
  }
}
