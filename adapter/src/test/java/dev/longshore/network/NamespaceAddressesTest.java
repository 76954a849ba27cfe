package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamespaceAddressesTest {
  private static final String TRIE =
      """
      Main:
        +-- 0.0.0.0/0 3 0 4
           |-- 0.0.0.0
              /0 universe UNICAST
           +-- 10.0.0.0/8 2 0 2
              |-- 10.1.7.3
                 /32 host LOCAL
              |-- 10.213.1.0
                 /24 link UNICAST
              |-- 10.213.1.5
                 /32 host LOCAL
              |-- 10.213.1.255
                 /32 link BROADCAST
           +-- 127.0.0.0/8 2 0 2
              |-- 127.0.0.0
                 /8 host LOCAL
              |-- 127.0.0.1
                 /32 host LOCAL
           |-- 169.254.20.10
              /32 host LOCAL
      Local:
        +-- 0.0.0.0/0 3 0 4
              |-- 10.213.1.5
                 /32 host LOCAL
      """;
  private static final String ROUTES =
      """
      Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
      eth0	00000000	0101D50A	0003	0	0	0	00000000	0	0	0
      net1	0007010A	00000000	0001	0	0	0	00FFFFFF	0	0	0
      eth0	0001D50A	00000000	0001	0	0	0	00FFFFFF	0	0	0
      """;
  private static final String INET6 =
      """
      fe8000000000000040687cfffe251a4b 02 40 20 80     eth0
      00000000000000000000000000000001 01 80 10 80       lo
      fd070000000000000000000000000003 03 40 00 80     net1
      fd051111000000002222000000000009 02 40 00 80     eth0
      fd050000000000000000000000000666 02 40 00 88     eth0
      """;

  @TempDir Path proc = Path.of("");

  private Optional<PodAddresses> addresses(String trie, String routes, String inet6)
      throws IOException {
    Path net = Files.createDirectories(proc.resolve("7/net"));
    Files.writeString(net.resolve("fib_trie"), trie);
    Files.writeString(net.resolve("route"), routes);
    if (!inet6.isEmpty()) {
      Files.writeString(net.resolve("if_inet6"), inet6);
    }
    return new NamespaceAddresses(proc).of(7, "eth0");
  }

  @Test
  void globalAddressesAreFoundThoseOfTheInterfaceFirst() throws Exception {
    assertThat(addresses(TRIE, ROUTES, INET6).orElseThrow().addresses())
        .containsExactly("10.213.1.5", "10.1.7.3", "fd05:1111::2222:0:0:9", "fd07::3");
  }

  @Test
  void anAddressWithoutANetworkOfItsOwnIsFoundToo() throws Exception {
    String trie = "Main:\n  |-- 192.168.3.4\n     /32 host LOCAL\n";
    assertThat(addresses(trie, "", "")).contains(new PodAddresses(List.of("192.168.3.4")));
  }

  @Test
  void aPodWithLoopbackOnlyHasNone() throws Exception {
    String trie = "Main:\n  |-- 127.0.0.1\n     /32 host LOCAL\n";
    String inet6 = "00000000000000000000000000000001 01 80 10 80       lo\n";
    assertThat(addresses(trie, "", inet6)).isEmpty();
  }

  @Test
  void aProcessThatHasGoneHasNone() {
    assertThat(new NamespaceAddresses(proc).of(8, "eth0")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "fd000000000000000000000000000005, fd00::5",
    "20010db8000000010000000000000001, 2001:db8:0:1::1",
    "20010db8000100010001000100010001, 2001:db8:1:1:1:1:1:1",
    "20010db8000000010001000100010001, 2001:db8:0:1:1:1:1:1",
    "20010db8000100000000000000000000, 2001:db8:1::",
    "20010db8000000000001000000000001, 2001:db8::1:0:0:1",
  })
  void ipv6IsWrittenAsRfc5952Wants(String hex, String text) throws Exception {
    assertThat(addresses("", "", hex + " 02 40 00 80     eth0\n"))
        .contains(new PodAddresses(List.of(text)));
  }

  @Test
  void thisHostsOwnAddressesAreFound() throws Exception {
    List<String> before = ownAddresses();
    List<String> found =
        new NamespaceAddresses(Path.of("/proc"))
            .of(ProcessHandle.current().pid(), "eth0")
            .map(PodAddresses::addresses)
            .orElse(List.of());
    List<String> stillThere = ownAddresses();
    assertThat(found).containsAll(before.stream().filter(stillThere::contains).toList());
  }

  private static List<String> ownAddresses() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address)
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .map(InetAddress::getHostAddress)
        .toList();
  }
}
