package dev.longshore.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * The addresses in a process's network namespace, from its files in /proc: no fork, no setns.
 * Stateless, thread-safe.
 */
public final class NamespaceAddresses {
  // linux/if_addr.h, on a duplicate address that another host holds.
  private static final int IFA_F_DADFAILED = 0x08;
  private static final String GLOBAL_SCOPE = "00";

  private final Path proc;

  /** {@code proc} is where procfs is mounted. */
  public NamespaceAddresses(Path proc) {
    this.proc = proc;
  }

  /**
   * The global addresses, IPv4 before IPv6, within each those of the interface first; empty when
   * there are none, or no such process.
   */
  public Optional<PodAddresses> of(long pid, String interfaceName) {
    Path net = proc.resolve(Long.toString(pid)).resolve("net");
    SequencedSet<String> addresses = new LinkedHashSet<>();
    addresses.addAll(
        ipv4(lines(net.resolve("fib_trie")), lines(net.resolve("route")), interfaceName));
    addresses.addAll(ipv6(lines(net.resolve("if_inet6")), interfaceName));
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(new PodAddresses(List.copyOf(addresses)));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      // The process has ended, or its kernel has no IPv6: no addresses either way.
      return List.of();
    }
  }

  /**
   * A local address is a leaf "|-- 10.1.0.5" with a line "/32 host LOCAL" below it (kernel,
   * net/ipv4/fib_trie.c). The trie knows no interfaces; the routes do.
   */
  private static List<String> ipv4(List<String> trie, List<String> routes, String interfaceName) {
    List<Integer> own = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    int leaf = 0;
    for (String line : trie) {
      String text = line.strip();
      if (text.startsWith("|-- ")) {
        leaf = fromDotted(text.substring(4));
      } else if (text.equals("/32 host LOCAL") && isGlobal(leaf)) {
        (isRouted(leaf, routes, interfaceName) ? own : others).add(leaf);
      }
    }
    own.addAll(others);
    return own.stream().map(NamespaceAddresses::dotted).toList();
  }

  private static boolean isGlobal(int address) {
    return address >>> 24 != 127 && address >>> 16 != 0xa9fe; // loopback, 169.254/16
  }

  /** Whether the interface has a route to the address's own network. */
  private static boolean isRouted(int address, List<String> routes, String interfaceName) {
    for (String line : routes) {
      String[] columns = line.strip().split("\\s+", -1);
      if (columns.length > 7 && columns[0].equals(interfaceName)) {
        int network = Integer.reverseBytes(Integer.parseUnsignedInt(columns[1], 16));
        int mask = Integer.reverseBytes(Integer.parseUnsignedInt(columns[7], 16));
        if (mask != 0 && (address & mask) == network) {
          return true;
        }
      }
    }
    return false;
  }

  /** Columns: address, interface number, prefix length, scope, flags (all hex), interface. */
  private static List<String> ipv6(List<String> lines, String interfaceName) {
    List<String> own = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String line : lines) {
      String[] columns = line.strip().split("\\s+", -1);
      if (columns.length == 6
          && columns[3].equals(GLOBAL_SCOPE)
          && (Integer.parseInt(columns[4], 16) & IFA_F_DADFAILED) == 0) {
        (columns[5].equals(interfaceName) ? own : others).add(ipv6Text(columns[0]));
      }
    }
    own.addAll(others);
    return own;
  }

  private static int fromDotted(String text) {
    int address = 0;
    for (String part : text.split("\\.", -1)) {
      address = address << 8 | Integer.parseInt(part);
    }
    return address;
  }

  private static String dotted(int address) {
    return "%d.%d.%d.%d"
        .formatted(address >>> 24, address >>> 16 & 0xff, address >>> 8 & 0xff, address & 0xff);
  }

  /**
   * 32 hex digits in the form of RFC 5952: the longest run of zero groups, if over one, is "::".
   */
  private static String ipv6Text(String hex) {
    int runStart = 8;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && group(hex, i + length) == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
    }
    if (runStart == 8) {
      return groups(hex, 0, 8);
    }
    return groups(hex, 0, runStart) + "::" + groups(hex, runStart + runLength, 8);
  }

  private static String groups(String hex, int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(group(hex, i)));
    }
    return text.toString();
  }

  private static int group(String hex, int index) {
    return HexFormat.fromHexDigits(hex, index * 4, index * 4 + 4);
  }
}
