package dev.longshore.docker;

import dev.longshore.common.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether containers may have a negative OOM score adjustment. A kernel grants one only to holders
 * of CAP_SYS_RESOURCE in the first user namespace (proc(5), {@code oom_score_adj}); where Docker
 * lacks it, every sandbox (-998) and every guaranteed pod (-997) would fail to start. Docker cannot
 * change the value of a container that exists, so it has to be right at create. Thread-safe.
 */
public final class OomScoreAdjustment {
  private static final Logger log = LoggerFactory.getLogger(OomScoreAdjustment.class);

  // crun and some runc versions name the file. In most runc versions the first process of the
  // container dies on the write before it could say so, and only the silence is reported.
  private static final Pattern CLEAR =
      Pattern.compile("(?s)oom_score_adj.*(permission denied|eacces|operation not permitted)");
  private static final Pattern VAGUE =
      Pattern.compile("(?s)final child's pid from pipe(:| caused).*eof");
  private static final Pattern EFFECTIVE = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]{1,16})$");
  private static final Pattern FIRST_NAMESPACE = Pattern.compile("\\s*0\\s+0\\s+4294967295\\s*");
  private static final int CAP_SYS_RESOURCE = 24;

  private final Mode mode;
  private final AtomicReference<Optional<String>> reason;

  // Once a negative value was granted, a vague failure has another cause.
  private volatile boolean proven;

  /**
   * @param guess why negative values will be refused, as far as one can tell beforehand; empty when
   *     nothing speaks against them
   */
  public OomScoreAdjustment(Mode mode, Optional<String> guess) {
    this.mode = mode;
    Optional<String> known =
        switch (mode) {
          case AUTO -> guess;
          case ALWAYS -> Optional.of("asked for");
          case NEVER -> Optional.empty();
        };
    this.reason = new AtomicReference<>(known);
    warning().ifPresent(log::warn);
  }

  /** In mode auto, guesses from what this process itself may do. */
  public static OomScoreAdjustment ofThisProcess(Mode mode) {
    return new OomScoreAdjustment(
        mode, guess(read(Path.of("/proc/self/status")), read(Path.of("/proc/self/uid_map"))));
  }

  /** The limits with which to create a container that asks for {@code wanted}. */
  public ResourceSpec apply(ResourceSpec wanted) {
    return isNegative(wanted) && reason.get().isPresent() ? wanted.withOomScoreAdj(0) : wanted;
  }

  /**
   * Looks at why a container that had a negative value did not start. True when the value was
   * refused, or most likely was: values are clamped from now on, and the container is worth another
   * try, created anew.
   */
  public boolean learn(CriException startFailure) {
    boolean refused = maybeRefused(startFailure);
    if (refused) {
      remember(startFailure);
    }
    return refused;
  }

  /**
   * Creates and starts a container, at most twice: once more, with 0, when the start failed as it
   * does where negative values are refused. A failed {@code attempt} must have removed what it
   * created. Only when 0 works is the value taken for the reason.
   */
  public <T> T withClamping(ResourceSpec wanted, Function<ResourceSpec, T> attempt) {
    ResourceSpec first = apply(wanted);
    try {
      T started = attempt.apply(first);
      if (isNegative(first)) {
        proven = true;
      }
      return started;
    } catch (CriException e) {
      if (!isNegative(first) || !maybeRefused(e)) {
        throw e;
      }
      T started = attempt.apply(wanted.withOomScoreAdj(0));
      remember(e);
      return started;
    }
  }

  /** What to tell the operator while negative values are clamped without having been asked to. */
  public Optional<String> warning() {
    return mode == Mode.ALWAYS ? Optional.empty() : reason.get().map(OomScoreAdjustment::sentence);
  }

  private boolean maybeRefused(CriException startFailure) {
    String text = startFailure.getMessage().toLowerCase(Locale.ROOT);
    return mode == Mode.AUTO
        && (CLEAR.matcher(text).find() || (!proven && VAGUE.matcher(text).find()));
  }

  private void remember(CriException startFailure) {
    String why = "Docker could not start a container with one: " + startFailure.getMessage();
    if (reason.compareAndSet(Optional.empty(), Optional.of(why))) {
      log.warn(sentence(why));
    }
  }

  static Optional<String> guess(String status, String uidMap) {
    Matcher effective = EFFECTIVE.matcher(status);
    if (effective.find()
        && (Long.parseUnsignedLong(effective.group(1), 16) >> CAP_SYS_RESOURCE & 1) == 0) {
      return Optional.of("CAP_SYS_RESOURCE is missing here, and so most likely for Docker");
    }
    if (!uidMap.isBlank() && !FIRST_NAMESPACE.matcher(uidMap).matches()) {
      return Optional.of("Longshore, and so most likely Docker, runs in a user namespace");
    }
    return Optional.empty();
  }

  private static boolean isNegative(ResourceSpec resources) {
    return resources.oomScoreAdj().orElse(0) < 0;
  }

  private static String sentence(String why) {
    return "negative oom_score_adj values are raised to 0 (%s): the kernel may pick pods to kill"
            .formatted(why)
        + " that Kubernetes wants spared; give Docker CAP_SYS_RESOURCE, or accept it with"
        + " --restrict-oom-score-adj=always";
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return "";
    }
  }

  /** When values are clamped; the option {@code --restrict-oom-score-adj}. */
  public enum Mode {
    /** When they have been refused, or are likely to be. */
    AUTO,
    ALWAYS,
    NEVER
  }
}
