package dev.longshore.bench;

import java.util.List;

/** What is timed. */
enum Call {
  RELIST("relist (both lists)"),
  LIST_POD_SANDBOX("ListPodSandbox"),
  LIST_CONTAINERS("ListContainers"),
  POD_SANDBOX_STATUS("PodSandboxStatus"),
  CONTAINER_STATUS("ContainerStatus"),
  LIST_CONTAINER_STATS("ListContainerStats"),
  EXEC_SYNC("ExecSync(true)"),
  POD_START("pod: run, create, start"),
  RUN_POD_SANDBOX("RunPodSandbox"),
  CREATE_CONTAINER("CreateContainer"),
  START_CONTAINER("StartContainer"),
  POD_END("pod: stop, remove"),
  STOP_CONTAINER("StopContainer"),
  STOP_POD_SANDBOX("StopPodSandbox"),
  REMOVE_CONTAINER("RemoveContainer"),
  REMOVE_POD_SANDBOX("RemovePodSandbox");

  static final List<Call> READS =
      List.of(
          RELIST,
          LIST_POD_SANDBOX,
          LIST_CONTAINERS,
          POD_SANDBOX_STATUS,
          CONTAINER_STATUS,
          LIST_CONTAINER_STATS);

  private final String title;

  Call(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
