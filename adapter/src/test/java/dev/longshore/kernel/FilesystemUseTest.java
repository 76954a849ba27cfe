package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemUseTest {
  @TempDir Path dir = Path.of("");

  @Test
  void sizesAreThoseTheJdkReports() throws Exception {
    FileStore store = Files.getFileStore(dir);

    FilesystemUse use = FilesystemUse.of(dir);

    assertThat(use.totalBytes()).isEqualTo(store.getTotalSpace());
    // Other programs write meanwhile.
    assertThat(use.usedBytes())
        .isBetween(
            (store.getTotalSpace() - store.getUnallocatedSpace()) * 9 / 10,
            (store.getTotalSpace() - store.getUnallocatedSpace()) * 11 / 10);
  }

  @Test
  void everyNewFileIsOneMoreInodeWhereInodesAreCounted() throws Exception {
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory));
    long before = FilesystemUse.of(memory).inodesUsed().orElseThrow();
    Path made = Files.createTempDirectory(memory, "longshore-test");
    try {
      for (int i = 0; i < 200; i++) {
        Files.createFile(made.resolve("f" + i));
      }
      assertThat(FilesystemUse.of(memory).inodesUsed().orElseThrow() - before)
          .isBetween(100L, 400L);
    } finally {
      for (int i = 0; i < 200; i++) {
        Files.deleteIfExists(made.resolve("f" + i));
      }
      Files.delete(made);
    }
  }

  @Test
  void aMissingPathIsNamed() {
    assertThatThrownBy(() -> FilesystemUse.of(dir.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere");
  }
}
