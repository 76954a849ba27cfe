package dev.longshore.streaming;

import dev.longshore.common.ContainerId;
import java.util.List;

/** What a token stands for: a request that was found right, waiting for its client. */
sealed interface Target {
  /** The first part of the URL's path. */
  String route();

  /** How messages name it. */
  String title();

  /** Something with a command's input and output. */
  sealed interface Terminal extends Target {
    Streams streams();
  }

  /**
   * A command to run.
   *
   * @param containerPid of the container's first process
   */
  record Exec(
      ContainerId container, int containerPid, String title, List<String> command, Streams streams)
      implements Terminal {
    public Exec {
      command = List.copyOf(command);
    }

    @Override
    public String route() {
      return "exec";
    }
  }

  /**
   * A running container to attach to.
   *
   * @param containersTty whether the container has a terminal, whatever the client believes
   */
  record Attach(ContainerId container, String title, boolean containersTty, Streams streams)
      implements Terminal {
    @Override
    public String route() {
      return "attach";
    }
  }

  /**
   * A pod whose loopback to connect to.
   *
   * @param pid of a process in the pod's network
   * @param hostNetwork whether that is the host's own
   * @param ports those the request names; only the WebSocket channels need them
   */
  record PortForward(String title, int pid, boolean hostNetwork, List<Integer> ports)
      implements Target {
    public PortForward {
      ports = List.copyOf(ports);
    }

    PortForward withPorts(List<Integer> named) {
      return new PortForward(title, pid, hostNetwork, named);
    }

    @Override
    public String route() {
      return "portforward";
    }
  }

  /** The streams asked for, beside those for errors and, with a terminal, its size. */
  record Streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}
}
