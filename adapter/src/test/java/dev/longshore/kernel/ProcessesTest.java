package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
  @TempDir Path root;

  @Test
  void theUpperFolderIsThatOfTheOverlayAtTheRoot() {
    FakeCgroups fake = FakeCgroups.v2(root);
    fake.overlay(7, "/var/lib/docker/overlay2/abc/diff");

    assertThat(new Processes(fake.proc()).upperFolder(7))
        .contains(Path.of("/var/lib/docker/overlay2/abc/diff"));
  }

  @Test
  void otherFileSystemsHaveNoUpperFolder() throws Exception {
    Path proc = root.resolve("proc");
    Files.writeString(
        Files.createDirectories(proc.resolve("7")).resolve("mountinfo"),
        "1 0 254:0 / / rw - ext4 /dev/vda rw\n2 1 0:5 / /x rw - overlay overlay upperdir=/u\n");

    assertThat(new Processes(proc).upperFolder(7)).isEmpty();
    assertThat(new Processes(proc).upperFolder(8)).isEmpty();
  }

  @Test
  void thisProcessHasOpenFilesAndALimitOfThemOnTheRealKernel() {
    Processes processes = new Processes(Path.of("/proc"));
    int own = (int) ProcessHandle.current().pid();

    assertThat(processes.openFiles(own).files()).isPositive();
    assertThat(processes.openFiles(own).sockets()).isPresent();
    assertThat(processes.openFiles(-1)).isEqualTo(processes.openFiles(-2));
  }
}
