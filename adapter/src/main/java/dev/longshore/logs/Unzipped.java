package dev.longshore.logs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Files that Docker has compressed. */
final class Unzipped {
  private Unzipped() {}

  /** The first bytes of the content; none where there are fewer. */
  static byte[] head(Path compressed, int length) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(compressed))) {
      byte[] head = in.readNBytes(length);
      return head.length == length ? head : new byte[0];
    } catch (EOFException | ZipException e) {
      return new byte[0]; // Still being written.
    }
  }

  /** The content as a file that has no name and is gone when it is closed. */
  static RandomAccessFile open(Path compressed) throws IOException {
    Path copy = Files.createTempFile("longshore-", ".log");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(compressed))) {
      long _ = Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      return new RandomAccessFile(copy.toFile(), "r");
    } finally {
      Files.delete(copy);
    }
  }
}
