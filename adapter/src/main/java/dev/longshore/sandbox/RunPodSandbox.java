package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxResponse;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeLabels.Metadata;
import dev.longshore.spec.RequestHash;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes a pod's sandbox. A repeated request joins the one in flight, or gets the sandbox that an
 * earlier one completed; what an earlier one left half-made is taken down first. The work has its
 * own time and goes on when its caller leaves. Thread-safe.
 */
public final class RunPodSandbox {
  // The kubelet waits four minutes (its RunPodSandbox call is given twice its usual time) and then
  // comes again: by then the answer should stand.
  private static final Duration BUDGET = Duration.ofSeconds(210);
  private static final Duration STALE_BUDGET = Duration.ofSeconds(10);

  private final InFlight<String, Made> running = new InFlight<>("run of pod sandbox");
  private final View view;
  private final SandboxRecords records;
  private final SandboxWork work;
  private final StaleSandboxes stale;
  private final SandboxTeardown teardown;
  private final SandboxMaker maker;

  public RunPodSandbox(
      View view,
      SandboxRecords records,
      SandboxWork work,
      StaleSandboxes stale,
      SandboxTeardown teardown,
      SandboxMaker maker) {
    this.view = view;
    this.records = records;
    this.work = work;
    this.stale = stale;
    this.teardown = teardown;
    this.maker = maker;
  }

  /**
   * The sandbox's id, once it is ready.
   *
   * @throws CriException INVALID, ALREADY_EXISTS when a sandbox of that name and attempt runs with
   *     other content, NOT_READY without a network, TIMED_OUT and CANCELLED while the work goes on
   */
  public RunPodSandboxResponse handle(RunPodSandboxRequest request, Deadline deadline) {
    PodNetworkRequests.check(request.getConfig());
    String dockerName = SandboxNames.of(request).toDockerName();
    Made made =
        running.join(
            dockerName, deadline, () -> begin(SandboxJob.of(request, Deadline.in(BUDGET))));
    if (!made.hash.equals(RequestHash.of(request))) {
      throw otherContent(SandboxJob.of(request, deadline), made.id);
    }
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(made.id.value()).build();
  }

  private Made begin(SandboxJob job) {
    try (Stages.Progress progress = work.stages().begin()) {
      return run(job.toldTo(progress::reached));
    }
  }

  private Made run(SandboxJob job) {
    job.steps().run("clean up", () -> stale.settle(view::snapshot, Deadline.in(STALE_BUDGET)));
    String dockerName = job.name().toDockerName();
    try (var _ = job.steps().get("wait", () -> work.lock(dockerName, job.deadline()))) {
      ContainerId id =
          view.snapshot()
              .sandboxNamed(dockerName)
              .flatMap(found -> reuse(job, found.engine(), found.metadata()))
              .orElseGet(() -> make(job, dockerName));
      return new Made(id, job.hash());
    }
  }

  /** The sandbox, if it is what the job would make; whatever else has the name is taken down. */
  private Optional<ContainerId> reuse(SandboxJob job, EngineContainer found, Metadata metadata) {
    if (!records.ready(found)) {
      job.steps()
          .run(
              "remove what an earlier call left",
              () -> teardown.discard(FoundSandbox.of(found, job.name(), records), job.deadline()));
      return Optional.empty();
    }
    if (!metadata.requestHash().equals(job.hash())) {
      throw otherContent(job, found.id());
    }
    return Optional.of(found.id());
  }

  private ContainerId make(SandboxJob job, String dockerName) {
    try (var _ = work.making(dockerName)) {
      return maker.make(job);
    } catch (CriException e) {
      if (e.kind() != Kind.ALREADY_EXISTS) {
        throw e;
      }
    }
    // Docker knows the name and the view does not: an earlier process asked for it just before it
    // died.
    Optional<ContainerId> complete =
        maker.occupant(job).flatMap(found -> reuse(job, found, KubeLabels.read(found.labels())));
    if (complete.isPresent()) {
      return complete.get();
    }
    try (var _ = work.making(dockerName)) {
      return maker.make(job);
    }
  }

  private static CriException otherContent(SandboxJob job, ContainerId id) {
    return new CriException(
        Kind.ALREADY_EXISTS,
        ("%s: sandbox %s has that name and attempt and was asked for differently; remove it, or"
                + " ask for the next attempt")
            .formatted(job.steps().prefix(), id.shortForm()));
  }

  private record Made(ContainerId id, String hash) {}
}
