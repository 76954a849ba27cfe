package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The datagram socket of a service manager, to which sd_notify(3) writes; Java's own classes have
 * no Unix datagrams. Thread-safe; needs {@code --enable-native-access}.
 */
public final class NotifySocket {
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  // sockaddr_un: two bytes of family, then the path (unix(7)).
  private static final int FAMILY_BYTES = 2;
  private static final int LONGEST_PATH = 107;

  private final byte[] path;
  private final MemorySegment socket = CLibrary.function("socket");
  private final MemorySegment sendto = CLibrary.function("sendto");

  /**
   * The socket of that name; nothing is opened yet.
   *
   * @param name a path, or an abstract name after {@code @}, as in {@code NOTIFY_SOCKET}
   */
  public NotifySocket(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_PATH) {
      throw new IllegalArgumentException("not the name of a socket: \"" + name + '"');
    }
    if (bytes[0] == '@') {
      bytes[0] = 0;
    }
    path = bytes;
  }

  /** Sends one message. */
  public void send(String message) throws IOException {
    int descriptor = checked(CLibrary.call(socket, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(FAMILY_BYTES + LONGEST_PATH + 1L);
      address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
      MemorySegment text = arena.allocateFrom(message);
      int _ =
          checked(
              CLibrary.call(
                  sendto,
                  descriptor,
                  text.address(),
                  text.byteSize() - 1,
                  0,
                  address.address(),
                  FAMILY_BYTES + path.length));
    } finally {
      Descriptors.close(descriptor);
    }
  }

  private static int checked(int result) throws IOException {
    if (result < 0) {
      throw new IOException("cannot notify the service manager: errno " + -result);
    }
    return result;
  }
}
