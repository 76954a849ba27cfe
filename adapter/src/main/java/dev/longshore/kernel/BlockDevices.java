package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Names of block devices, as {@code /proc/partitions} has them (proc(5)). Thread-safe. */
public final class BlockDevices {
  private static final int FIELDS = 4;

  private final Path proc;
  private volatile Map<String, String> names = Map.of();

  /** {@code proc} is where procfs is mounted. */
  public BlockDevices(Path proc) {
    this.proc = proc;
  }

  /**
   * The device file of {@code major:minor}, such as {@code /dev/vda}; empty for file systems that
   * are on none.
   */
  public Optional<String> file(String device) {
    if (device.startsWith("0:")) {
      return Optional.empty();
    }
    if (!names.containsKey(device)) {
      names = read();
    }
    return Optional.ofNullable(names.get(device)).map(name -> "/dev/" + name);
  }

  private Map<String, String> read() {
    Map<String, String> found = new HashMap<>();
    for (String line : KernelText.read(proc.resolve("partitions")).orElse("").lines().toList()) {
      String[] fields = line.strip().split(" +", -1);
      if (fields.length == FIELDS) {
        found.put(fields[0] + ":" + fields[1], fields[3]);
      }
    }
    return found;
  }
}
