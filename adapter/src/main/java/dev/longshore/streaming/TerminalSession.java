package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.docker.AttachSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineStream;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.ExecState;
import dev.longshore.streaming.Target.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exec or attach, from the first stream to the status at the end. A command whose client goes
 * away is killed with all it started; a container that was attached to runs on.
 */
final class TerminalSession {
  private static final Logger log = LoggerFactory.getLogger(TerminalSession.class);
  private static final Duration BUDGET = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(1);

  /** Most commands have ended by then, and cost nothing more. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);

  /** Output that nothing was added to for that long ends with its command. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final DockerEngine engine;
  private final ExecProcesses processes;
  private final ByteBufAllocator buffers;

  TerminalSession(DockerEngine engine, ExecProcesses processes, ByteBufAllocator buffers) {
    this.engine = engine;
    this.processes = processes;
    this.buffers = buffers;
  }

  /**
   * Runs to the end and tells the client.
   *
   * @throws IOException when the client is gone
   */
  void run(Target.Terminal target, TerminalStreams client)
      throws IOException, InterruptedException {
    Outcome outcome;
    try {
      outcome =
          switch (target) {
            case Target.Exec exec -> exec(exec, client);
            case Target.Attach attach -> attach(attach, client);
          };
    } catch (CriException e) {
      if (e.kind() == CriException.Kind.CANCELLED) {
        throw new IOException("the client went away", e);
      }
      log.warn("{} in {} failed: {}", target.route(), target.title(), e.getMessage());
      outcome = new Outcome.Failed(e.getMessage());
    }
    report(outcome, client);
  }

  private void report(Outcome outcome, TerminalStreams client)
      throws IOException, InterruptedException {
    if (client.stdout().isPresent()) {
      client.stdout().get().closeOutput();
    }
    if (client.stderr().isPresent()) {
      client.stderr().get().closeOutput();
    }
    String text = client.jsonStatus() ? outcome.json() : outcome.text();
    if (!text.isEmpty()) {
      ByteBuf bytes = ByteBufUtil.writeUtf8(buffers, text);
      client.status().write(bytes);
    }
    client.status().closeOutput();
  }

  private Outcome exec(Target.Exec target, TerminalStreams client)
      throws IOException, InterruptedException {
    Streams streams = target.streams();
    String id =
        engine.createExec(
            target.container(),
            new ExecSpec(target.command(), streams.stdin(), streams.tty()),
            Deadline.in(BUDGET));
    boolean ended = false;
    try {
      EngineStream docker = engine.startExec(id, streams.tty(), Deadline.in(BUDGET));
      Pump pump =
          new Pump(
              docker, client, size -> engine.resizeExec(id, size, Deadline.in(BUDGET)), buffers);
      Thread watch =
          Thread.ofVirtual().name("end of exec").start(() -> endWithCommand(pump, id, target));
      try {
        pump.run();
      } finally {
        watch.interrupt();
      }
      int code = exitCode(id);
      ended = true;
      return new Outcome.Exited(code);
    } finally {
      if (!ended) {
        processes.abandon(id, target);
      }
    }
  }

  /** What a command left in the background may hold its output open for ever. */
  private void endWithCommand(Pump pump, String id, Target.Exec target) {
    try {
      Thread.sleep(FIRST_LOOK);
      processes.awaitEnd(id, target);
      pump.drain(QUIET);
    } catch (InterruptedException e) {
      // The output has ended by itself.
    } catch (CriException e) {
      log.debug("cannot see whether a command in {} has ended", target.title(), e);
    }
  }

  private int exitCode(String id) throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (true) {
      ExecState state = engine.inspectExec(id, Deadline.in(BUDGET));
      if (!state.running() && state.exitCode().isPresent()) {
        return state.exitCode().getAsInt();
      }
      Thread.sleep(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private Outcome attach(Target.Attach target, TerminalStreams client)
      throws IOException, InterruptedException {
    Streams streams = target.streams();
    EngineStream docker =
        engine.attach(
            target.container(),
            new AttachSpec(
                streams.stdin(), streams.stdout(), streams.stderr(), target.containersTty()),
            Deadline.in(BUDGET));
    new Pump(
            docker,
            client,
            size -> engine.resizeContainer(target.container(), size, Deadline.in(BUDGET)),
            buffers)
        .run();
    return new Outcome.Exited(0);
  }
}
