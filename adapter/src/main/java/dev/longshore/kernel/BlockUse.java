package dev.longshore.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a cgroup and all below it have read from and written to one block device. What the page
 * cache gave or took is not in it; what is written back later is, in v2 alone.
 *
 * @param device {@code major:minor}
 */
public record BlockUse(String device, long readBytes, long writtenBytes, long reads, long writes) {
  /**
   * From v1's lists of bytes and of operations: {@code 8:0 Read 4096} (kernel blkio-controller).
   */
  static List<BlockUse> v1(String bytes, String operations) {
    Map<String, Map<String, Long>> moved = v1(bytes);
    Map<String, Map<String, Long>> made = v1(operations);
    List<BlockUse> uses = new ArrayList<>();
    moved.forEach(
        (device, byDirection) -> {
          Map<String, Long> counts = made.getOrDefault(device, Map.of());
          uses.add(
              new BlockUse(
                  device,
                  byDirection.getOrDefault("Read", 0L),
                  byDirection.getOrDefault("Write", 0L),
                  counts.getOrDefault("Read", 0L),
                  counts.getOrDefault("Write", 0L)));
        });
    return uses;
  }

  private static Map<String, Map<String, Long>> v1(String text) {
    Map<String, Map<String, Long>> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(" ", -1);
      OptionalLong value = fields.length == 3 ? FlatKeyed.number(fields[2]) : OptionalLong.empty();
      if (value.isPresent()) {
        devices.computeIfAbsent(fields[0], _ -> new HashMap<>()).put(fields[1], value.getAsLong());
      }
    }
    return devices;
  }

  /** From v2's {@code io.stat}: {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0 …}. */
  static List<BlockUse> v2(String ioStat) {
    List<BlockUse> uses = new ArrayList<>();
    for (String line : ioStat.lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0 && line.indexOf(':') > 0) {
        uses.add(
            new BlockUse(
                line.substring(0, space),
                v2(line, "rbytes"),
                v2(line, "wbytes"),
                v2(line, "rios"),
                v2(line, "wios")));
      }
    }
    return uses;
  }

  private static long v2(String line, String key) {
    int at = line.indexOf(" " + key + "=");
    if (at < 0) {
      return 0;
    }
    int start = at + key.length() + 2;
    int end = line.indexOf(' ', start);
    return FlatKeyed.number(line.substring(start, end < 0 ? line.length() : end)).orElse(0);
  }
}
