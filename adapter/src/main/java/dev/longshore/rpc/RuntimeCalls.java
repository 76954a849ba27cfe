package dev.longshore.rpc;

import dev.longshore.container.ContainerQueries;
import dev.longshore.container.CreateContainer;
import dev.longshore.container.ExecSync;
import dev.longshore.container.RemoveContainer;
import dev.longshore.container.StartContainer;
import dev.longshore.container.StopContainer;
import dev.longshore.container.UpdateContainerResources;
import dev.longshore.logs.ReopenContainerLog;
import dev.longshore.node.ContainerEvents;
import dev.longshore.node.NodeQueries;
import dev.longshore.node.NodeStatus;
import dev.longshore.node.UpdateRuntimeConfig;
import dev.longshore.sandbox.RemovePodSandbox;
import dev.longshore.sandbox.RunPodSandbox;
import dev.longshore.sandbox.SandboxQueries;
import dev.longshore.sandbox.StopPodSandbox;
import dev.longshore.sandbox.UpdatePodSandboxResources;
import dev.longshore.stats.ContainerStatsQueries;
import dev.longshore.stats.PodMetricsQueries;
import dev.longshore.stats.PodStatsQueries;
import dev.longshore.streaming.AttachRequests;
import dev.longshore.streaming.ExecRequests;
import dev.longshore.streaming.PortForwardRequests;

/** What the RPCs of the RuntimeService call. */
public record RuntimeCalls(Sandboxes sandboxes, Containers containers, Streams streams, Node node) {
  /** The RPCs about pod sandboxes. */
  public record Sandboxes(
      RunPodSandbox run,
      StopPodSandbox stop,
      RemovePodSandbox remove,
      UpdatePodSandboxResources update,
      SandboxQueries queries,
      PodStatsQueries stats,
      PodMetricsQueries metrics) {}

  /** The RPCs about containers. */
  public record Containers(
      CreateContainer create,
      StartContainer start,
      StopContainer stop,
      RemoveContainer remove,
      UpdateContainerResources update,
      ExecSync exec,
      ReopenContainerLog reopen,
      ContainerQueries queries,
      ContainerStatsQueries stats) {}

  /** The RPCs that hand out URLs of streams. */
  public record Streams(
      ExecRequests exec, AttachRequests attach, PortForwardRequests portForward) {}

  /** The RPCs about the node. */
  public record Node(
      NodeQueries queries, NodeStatus status, UpdateRuntimeConfig update, ContainerEvents events) {}
}
