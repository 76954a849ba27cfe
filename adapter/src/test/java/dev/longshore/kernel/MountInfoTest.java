package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountInfoTest {
  @Test
  void aLineIsReadWithAndWithoutOptionalFields() {
    String text =
        """
        36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        73 27 0:59 / /tmp/with\\040space rw - tmpfs longshore rw,size=4k
        """;

    assertThat(MountInfo.parse(text))
        .isEqualTo(
            List.of(
                new MountInfo("98:0", "/mnt1", "/mnt2", "ext3", "rw,errors=continue"),
                new MountInfo("0:59", "/", "/tmp/with space", "tmpfs", "rw,size=4k")));
  }

  @Test
  void otherTextHasNoMounts() {
    assertThat(MountInfo.parse("nonsense\n1 2 - x\n\n")).isEmpty();
  }

  @Test
  void theDeviceOfAPathIsThatOfItsMount() throws Exception {
    int self = (int) ProcessHandle.current().pid();
    String proc = MountInfo.device(Path.of("/proc"));

    assertThat(new Processes(Path.of("/proc")).mounts(self))
        .anyMatch(mount -> mount.mountPoint().equals("/proc") && mount.device().equals(proc));
  }
}
