package dev.longshore.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of a process's network namespace, from procfs: no namespace is entered and nothing
 * is run. IPv4 before IPv6, loopback and link-local left out. Thread-safe.
 */
public final class NamespaceAddresses {
  private static final Logger log = LoggerFactory.getLogger(NamespaceAddresses.class);

  // net/fib_trie of the kernel: a leaf "|-- 10.1.0.5", then its routes; its own addresses are
  // "/32 host LOCAL".
  private static final Pattern LEAF = Pattern.compile("\\|-- (\\d+\\.\\d+\\.\\d+\\.\\d+)");
  private static final String OWN = "/32 host LOCAL";
  private static final String LOOPBACK = "127.";

  // net/if_inet6: address, interface, prefix, scope, flags, name; scope 00 is global.
  private static final int SCOPE = 3;
  private static final String GLOBAL = "00";
  private static final Pattern ZEROS = Pattern.compile("(?:^|(?<=:))0(?::0)+(?=:|$)");

  private final Path proc;

  /** {@code proc} is where procfs is mounted. */
  public NamespaceAddresses(Path proc) {
    this.proc = proc;
  }

  /** Empty when the process is gone. */
  List<String> of(int pid) {
    Path net = proc.resolve(Integer.toString(pid)).resolve("net");
    List<String> addresses = new ArrayList<>(ipv4(read(net.resolve("fib_trie"))));
    addresses.addAll(ipv6(read(net.resolve("if_inet6"))));
    return addresses;
  }

  static Set<String> ipv4(List<String> fibTrie) {
    Set<String> own = new LinkedHashSet<>();
    String leaf = "";
    for (String line : fibTrie) {
      Matcher matcher = LEAF.matcher(line);
      if (matcher.find()) {
        leaf = matcher.group(1);
      } else if (line.strip().equals(OWN) && !leaf.startsWith(LOOPBACK)) {
        own.add(leaf);
      }
    }
    return own;
  }

  static Set<String> ipv6(List<String> ifInet6) {
    Set<String> own = new LinkedHashSet<>();
    for (String line : ifInet6) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length > SCOPE && fields[SCOPE].equals(GLOBAL)) {
        own.add(text(HexFormat.of().parseHex(fields[0])));
      }
    }
    return own;
  }

  /** As RFC 5952 writes it: the longest run of zeros left out, the first of equal ones. */
  private static String text(byte[] address) {
    String text = plain(address);
    String longest = "";
    Matcher zeros = ZEROS.matcher(text);
    while (zeros.find()) {
      longest = zeros.group().length() > longest.length() ? zeros.group() : longest;
    }
    return longest.isEmpty() ? text : text.replaceFirst("(^|:)" + longest + "(:|$)", "::");
  }

  private static String plain(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an IPv6 address has 16 bytes", e);
    }
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      log.debug("cannot read {}", file, e);
      return List.of();
    }
  }
}
