package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NamespaceAddressesTest {
  private static final String FIB_TRIE =
      """
      Main:
        +-- 0.0.0.0/0 3 0 5
           |-- 0.0.0.0
              /0 universe UNICAST
           +-- 10.244.1.0/24 2 0 2
              +-- 10.244.1.0/28 2 0 2
                 |-- 10.244.1.0
                    /24 link UNICAST
                 |-- 10.244.1.5
                    /32 host LOCAL
              |-- 10.244.1.255
                 /32 link BROADCAST
           +-- 127.0.0.0/8 2 0 2
              +-- 127.0.0.0/31 1 0 0
                 |-- 127.0.0.0
                    /8 host LOCAL
                 |-- 127.0.0.1
                    /32 host LOCAL
              |-- 127.255.255.255
                 /32 link BROADCAST
      Local:
        +-- 0.0.0.0/0 3 0 5
           +-- 10.244.1.0/24 2 0 2
                 |-- 10.244.1.5
                    /32 host LOCAL
      """;

  private static final String IF_INET6 =
      """
      00000000000000000000000000000001 01 80 10 80       lo
      fe80000000000000004283fffe4c1f2b 02 40 20 80     eth0
      fd000001000000000000000000000005 02 40 00 80     eth0
      20010db8000000010002000300040005 02 40 00 80     eth0
      fd000000000100000000000000010000 02 40 00 80     eth0
      """;

  @Test
  void ownIpv4AddressesAreTheLocalLeavesButForLoopback() {
    assertThat(NamespaceAddresses.ipv4(FIB_TRIE.lines().toList())).containsExactly("10.244.1.5");
    assertThat(NamespaceAddresses.ipv4(java.util.List.of())).isEmpty();
  }

  @Test
  void ownIpv6AddressesAreTheGlobalOnesInTheirShortForm() {
    assertThat(NamespaceAddresses.ipv6(IF_INET6.lines().toList()))
        .containsExactly("fd00:1::5", "2001:db8:0:1:2:3:4:5", "fd00:0:1::1:0");
  }

  @Test
  void aProcessThatIsGoneHasNone() {
    assertThat(new NamespaceAddresses(Path.of("/no/such/proc")).of(1)).isEmpty();
  }

  @Test
  void ofThisMachinesProcfsTheFormIsUnderstood() {
    int pid = (int) ProcessHandle.current().pid();
    assertThat(new NamespaceAddresses(Path.of("/proc")).of(pid))
        .doesNotContain("127.0.0.1", "::1")
        .allMatch(address -> address.matches("[0-9a-f:.]+"));
  }
}
