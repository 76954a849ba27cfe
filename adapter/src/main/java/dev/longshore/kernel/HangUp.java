package dev.longshore.kernel;

import java.lang.reflect.Proxy;

/**
 * SIGHUP, which would end the process otherwise. By reflection, since the compiler warns of {@code
 * sun.misc.Signal} and nothing else of the JDK hears signals.
 */
public final class HangUp {
  private HangUp() {}

  /**
   * From now on the signal runs {@code action}, and nothing else, on a thread of its own; two at a
   * time when two signals come.
   *
   * @throws IllegalStateException when this virtual machine cannot do that
   */
  public static void handle(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object heard =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, _) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      Object _ =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), heard);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("SIGHUP cannot be heard here", e);
    }
  }
}
