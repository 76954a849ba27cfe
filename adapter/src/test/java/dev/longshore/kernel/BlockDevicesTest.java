package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockDevicesTest {
  private static final String HEADINGS = "major minor  #blocks  name\n\n";

  @TempDir Path proc;

  @Test
  void devicesAreNamedAsInDevAlsoThoseThatCameLater() throws Exception {
    Files.writeString(proc.resolve("partitions"), HEADINGS + " 254        0   26214400 vda\n");
    BlockDevices devices = new BlockDevices(proc);
    assertThat(devices.file("254:0")).contains("/dev/vda");
    assertThat(devices.file("259:1")).isEmpty();

    Files.writeString(proc.resolve("partitions"), HEADINGS + " 259        1  1000 nvme0n1p1\n");

    assertThat(devices.file("259:1")).contains("/dev/nvme0n1p1");
  }

  @Test
  void fileSystemsWithoutADeviceHaveNoName() {
    assertThat(new BlockDevices(proc).file("0:45")).isEmpty();
  }
}
