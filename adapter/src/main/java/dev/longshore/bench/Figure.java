package dev.longshore.bench;

/** What is measured besides times. */
enum Figure {
  RELIST_CPU("server CPU per relist", "ms"),
  RELIST_DOCKER_CPU("dockerd CPU per relist", "ms"),
  IDLE_CPU("server CPU when idle", "% of a core"),
  IDLE_DOCKER_CPU("dockerd CPU when idle", "% of a core"),
  STARTS("pods started", "per s"),
  RSS_BEFORE("server RSS before", "MiB"),
  RSS_LOADED("server RSS loaded", "MiB"),
  RSS_AFTER("server RSS after churn", "MiB"),
  THREADS_BEFORE("server threads before", "threads"),
  THREADS_AFTER("server threads after churn", "threads"),
  FILES_BEFORE("server open files before", "files"),
  FILES_AFTER("server open files after churn", "files");

  private final String title;
  private final String unit;

  Figure(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  String title() {
    return title;
  }

  String unit() {
    return unit;
  }
}
