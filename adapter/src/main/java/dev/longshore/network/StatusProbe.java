package dev.longshore.network;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.longshore.common.Deadline;
import dev.longshore.network.LoadedNetwork.Config;
import dev.longshore.network.PluginCall.Verb;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the plugins of the configuration in force again and again whether they could serve (STATUS),
 * if its version has the question; otherwise nothing runs and nothing wakes. One virtual thread.
 */
final class StatusProbe implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatusProbe.class);

  private static final Duration PARTING = Duration.ofSeconds(2);
  private static final Duration BUDGET = Duration.ofSeconds(10);

  private final PluginBinaries binaries;
  private final PluginRunner runner;
  private final Supplier<Optional<Config>> inForce;
  private final Runnable whenAnswered;
  private final Duration every;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile Optional<Answer> answer = Optional.empty();

  StatusProbe(
      PluginBinaries binaries,
      PluginRunner runner,
      Supplier<Optional<Config>> inForce,
      Runnable whenAnswered,
      Duration every) {
    this.binaries = binaries;
    this.runner = runner;
    this.inForce = inForce;
    this.whenAnswered = whenAnswered;
    this.every = every;
    this.thread = Thread.ofVirtual().name("cni-status").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Asks at once; for a configuration that has changed. */
  void wake() {
    wake.release();
  }

  /** Ends the question under way, and waits at most two seconds for that. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(PARTING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What is wrong with the plugins of this configuration, as they last said; empty when nothing.
   */
  Optional<String> problem(Config config) {
    return answer
        .filter(it -> it.config.equals(config))
        .map(Answer::problem)
        .filter(p -> !p.isEmpty());
  }

  private void run() {
    try {
      while (true) {
        Optional<Config> config =
            inForce.get().filter(it -> it.list().version().atLeast(CniVersion.WITH_STATUS));
        if (config.isPresent()) {
          note(new Answer(config.get(), ask(config.get())));
          var _ = wake.tryAcquire(every.toMillis(), TimeUnit.MILLISECONDS);
        } else {
          wake.acquire();
        }
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      log.debug("no longer asking plugins for their status");
    }
  }

  private void note(Answer now) {
    if (!answer.equals(Optional.of(now))) {
      log.info(
          "CNI STATUS of network {}: {}",
          now.config.list().name(),
          now.problem.isEmpty() ? "fine" : now.problem);
    }
    answer = Optional.of(now);
    whenAnswered.run();
  }

  private String ask(Config config) throws InterruptedException {
    NetworkConfigList network = config.list();
    Deadline deadline = Deadline.in(BUDGET);
    for (NetworkConfig plugin : network.plugins()) {
      try {
        PluginCall call =
            new PluginCall(
                Verb.STATUS,
                binaries.find(plugin.type()),
                "network " + network.name(),
                Map.of("CNI_PATH", binaries.path()),
                Json.text(
                    plugin.request(
                        network.name(),
                        network.version(),
                        MissingNode.getInstance(),
                        Json.object())));
        var _ = runner.run(call, deadline);
      } catch (PluginFailure e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("while asking plugins for their status");
        }
        if (!e.isUnknownVerb()) {
          return e.getMessage();
        }
      } catch (CniFormatException e) {
        return e.getMessage();
      }
    }
    return "";
  }

  private record Answer(Config config, String problem) {}
}
