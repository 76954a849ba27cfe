package dev.longshore.view;

import java.time.Duration;

/**
 * How often the view does what, and how long it waits.
 *
 * @param pingEvery between signs of life asked of the daemon; two missed ones end the connection
 * @param pingTimeout for one of them
 * @param openTimeout until the daemon has taken the subscription to its events
 * @param relistEvery between lists that heal what events did not tell
 * @param listTimeout for a list and for the daemon's description
 * @param inspectTimeout for one container, in the background
 * @param endPatience for the inspection of a container that has ended; then its event is believed
 * @param firstPause before the first attempt to connect again; doubles with each failure
 * @param longestPause between attempts
 */
record Pace(
    Duration pingEvery,
    Duration pingTimeout,
    Duration openTimeout,
    Duration relistEvery,
    Duration listTimeout,
    Duration inspectTimeout,
    Duration endPatience,
    Duration firstPause,
    Duration longestPause) {
  static final Pace NORMAL =
      new Pace(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofSeconds(5));

  /** The pause after that one. */
  Duration pauseAfter(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(longestPause) > 0 ? longestPause : doubled;
  }
}
