package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
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
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final byte[] path;
  private final MethodHandle socket;
  private final MethodHandle sendto;
  private final MethodHandle close;

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
    var number = ValueLayout.JAVA_INT;
    socket = handle("socket", FunctionDescriptor.of(number, number, number, number));
    sendto =
        handle(
            "sendto",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                number,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                number,
                ValueLayout.ADDRESS,
                number));
    close = handle("close", FunctionDescriptor.of(number, number));
  }

  @SuppressWarnings("restricted") // Functions of the C library, with their true signatures.
  private static MethodHandle handle(String name, FunctionDescriptor signature) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        signature,
        Linker.Option.captureCallState("errno"));
  }

  /** Sends one message. */
  public void send(String message) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int descriptor = (int) socket.invokeExact(state, (int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      checked(descriptor, state);
      MemorySegment address = arena.allocate(FAMILY_BYTES + LONGEST_PATH + 1L);
      address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
      MemorySegment text = arena.allocateFrom(message);
      long sent =
          (long)
              sendto.invokeExact(
                  state,
                  descriptor,
                  text,
                  text.byteSize() - 1,
                  0,
                  address,
                  FAMILY_BYTES + path.length);
      int errno = (int) ERRNO.get(state, 0L);
      int _ = (int) close.invokeExact(state, descriptor);
      if (sent < 0) {
        throw failed(errno);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the C library cannot be called", e);
    }
  }

  private static void checked(int result, MemorySegment state) throws IOException {
    if (result < 0) {
      throw failed((int) ERRNO.get(state, 0L));
    }
  }

  private static IOException failed(int errno) {
    return new IOException("cannot notify the service manager: errno " + errno);
  }
}
