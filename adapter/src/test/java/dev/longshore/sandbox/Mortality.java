package dev.longshore.sandbox;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Kills a process of the tests at a call to the outside: from then on none of its calls goes out or
 * comes back, as if SIGKILL had struck, and nothing of it is cleaned up.
 */
final class Mortality {
  private final CountDownLatch died = new CountDownLatch(1);
  private final CountDownLatch never = new CountDownLatch(1);
  private volatile String point = "";

  /** {@code point} is {@code before} or {@code after} and a method's name. */
  void killAt(String fatal) {
    point = fatal;
  }

  void awaitDeath() throws InterruptedException {
    if (!died.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not come to: " + point);
    }
  }

  /** {@code outside} as the process sees it. */
  <T> T guard(Class<T> type, T outside) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              reach("before " + method.getName());
              try {
                Object answer = method.invoke(outside, arguments);
                reach("after " + method.getName());
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            }));
  }

  private void reach(String here) throws InterruptedException {
    if (here.equals(point)) {
      died.countDown();
    }
    if (died.getCount() == 0) {
      never.await();
    }
  }
}
