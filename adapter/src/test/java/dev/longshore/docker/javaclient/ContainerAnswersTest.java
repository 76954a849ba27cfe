package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ExecState;
import dev.longshore.docker.ListedContainer;
import dev.longshore.docker.ResourceSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Docker's answers about containers, as daemons old and new write them. */
final class ContainerAnswersTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.123456789Z");
  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:06Z");
  private static final Instant FINISHED = Instant.parse("2026-01-02T03:04:07Z");
  private static final String ZERO = "0001-01-01T00:00:00Z";

  private static Stream<Arguments> states() {
    return Stream.of(
        Arguments.of(
            "created",
            state("'Status':'created','Running':false,'Pid':0,'ExitCode':0,'Error':''", ZERO, ZERO),
            new EngineState.Created()),
        Arguments.of(
            "running",
            state("'Status':'running','Running':true,'Pid':42,'ExitCode':0", STARTED, ZERO),
            new EngineState.Running(42, STARTED, false)),
        Arguments.of(
            "running after an earlier end",
            state("'Status':'running','Running':true,'Pid':42", STARTED, FINISHED),
            new EngineState.Running(42, STARTED, false)),
        Arguments.of(
            "paused",
            state("'Status':'paused','Running':true,'Paused':true,'Pid':42", STARTED, ZERO),
            new EngineState.Running(42, STARTED, true)),
        Arguments.of(
            "exited",
            state("'Status':'exited','Running':false,'ExitCode':3", STARTED, FINISHED),
            new EngineState.Exited(Optional.of(STARTED), FINISHED, 3, false, "")),
        Arguments.of(
            "killed for want of memory",
            state("'Status':'exited','OOMKilled':true,'ExitCode':137", STARTED, FINISHED),
            new EngineState.Exited(Optional.of(STARTED), FINISHED, 137, true, "")),
        Arguments.of(
            "could not be started",
            state("'Status':'created','ExitCode':127,'Error':'no such file'", ZERO, ZERO),
            new EngineState.Exited(Optional.empty(), CREATED, 127, false, "no such file")),
        Arguments.of(
            "dead",
            state("'Status':'dead','Dead':true", STARTED, FINISHED),
            new EngineState.Exited(Optional.of(STARTED), FINISHED, 0, false, "")),
        Arguments.of(
            "being removed before it ever ran",
            state("'Status':'removing','Dead':true", ZERO, ZERO),
            new EngineState.Exited(Optional.empty(), CREATED, 0, false, "")),
        Arguments.of("nothing said", "{}", new EngineState.Created()));
  }

  private static String state(String fields, Object started, Object finished) {
    return "{%s,'StartedAt':'%s','FinishedAt':'%s'}".formatted(fields, started, finished);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void statesComeFromTheFields(String name, String json, EngineState expected)
      throws JsonProcessingException {
    assertThat(ContainerAnswers.state(tree(json), CREATED)).as(name).isEqualTo(expected);
  }

  @Test
  void everyPartOfAContainerIsRead() throws JsonProcessingException {
    EngineContainer container =
        ContainerAnswers.container(
            tree(
                """
                {'Id':'%s','Name':'/k8s_web','Created':'%s','Image':'sha256:abc','LogPath':'/log',
                 'State':{'Status':'created'},
                 'Config':{'Image':'busybox:1','User':'1000','StopSignal':'SIGUSR1','Tty':true,
                           'Labels':{'a':'b','empty':''}},
                 'HostConfig':{'NetworkMode':'none','PidMode':'host','IpcMode':'shareable',
                   'Runtime':'runc','CgroupParent':'/kubepods','Privileged':true,
                   'CpuPeriod':100000,'CpuQuota':-1,'CpuShares':2,'Memory':1,'MemorySwap':-1,
                   'CpusetCpus':'0','CpusetMems':'','OomScoreAdj':-998},
                 'Mounts':[{'Type':'bind','Source':'/a','Destination':'/b','Mode':'','RW':true,
                            'Propagation':'rprivate'},
                           {'Type':'image','Source':'','Destination':'/c','RW':false}]}
                """
                    .formatted(ID, CREATED)));

    assertThat(container.id().value()).isEqualTo(ID);
    assertThat(container.name()).isEqualTo("k8s_web");
    assertThat(container.created()).isEqualTo(CREATED);
    assertThat(container.imageId()).isEqualTo("sha256:abc");
    assertThat(container.imageName()).isEqualTo("busybox:1");
    assertThat(container.logPath()).isEqualTo("/log");
    assertThat(container.labels()).containsOnlyKeys("a", "empty").containsEntry("a", "b");
    assertThat(container.mounts())
        .isEqualTo(
            List.of(
                new MountPoint("bind", "/a", "/b", true, "rprivate"),
                new MountPoint("image", "", "/c", false, "")));
    assertThat(container.host())
        .isEqualTo(
            new EngineContainer.HostSettings(
                "none",
                "host",
                "shareable",
                "runc",
                "/kubepods",
                true,
                true,
                "1000",
                "SIGUSR1",
                new ResourceSpec(
                    OptionalLong.of(100_000),
                    OptionalLong.of(-1),
                    OptionalLong.of(2),
                    OptionalLong.of(1),
                    OptionalLong.of(-1),
                    Optional.of("0"),
                    Optional.empty(),
                    OptionalLong.of(-998))));
  }

  @Test
  void whatADaemonLeavesOutOrWritesOtherwiseIsEmpty() throws JsonProcessingException {
    EngineContainer container =
        ContainerAnswers.container(
            tree(
                """
                {'Id':'%s','Name':null,'Created':'soon','Config':{'Labels':null,'Image':7},
                 'HostConfig':null,'Mounts':null,'New':{'Field':[1]}}
                """
                    .formatted(ID)));

    assertThat(container.name()).isEmpty();
    assertThat(container.created()).isEqualTo(Instant.EPOCH);
    assertThat(container.labels()).isEmpty();
    assertThat(container.mounts()).isEmpty();
    assertThat(container.host().networkMode()).isEmpty();
    assertThat(container.host().resources()).isEqualTo(ResourceSpec.NONE);
  }

  @Test
  void commandsAreReadInEveryState() throws JsonProcessingException {
    assertThat(ContainerAnswers.exec(tree("{'Running':false,'ExitCode':null,'Pid':0}")))
        .isEqualTo(new ExecState(false, OptionalInt.empty(), OptionalInt.empty()));
    assertThat(ContainerAnswers.exec(tree("{'Running':true,'ExitCode':null,'Pid':42}")))
        .isEqualTo(new ExecState(true, OptionalInt.of(42), OptionalInt.empty()));
    assertThat(ContainerAnswers.exec(tree("{'Running':true,'ExitCode':0,'Pid':42}")))
        .isEqualTo(new ExecState(true, OptionalInt.of(42), OptionalInt.empty()));
    assertThat(ContainerAnswers.exec(tree("{'Running':false,'ExitCode':3,'Pid':42}")))
        .isEqualTo(new ExecState(false, OptionalInt.of(42), OptionalInt.of(3)));
  }

  @Test
  void aListedContainerHasItsOwnNameAmongThoseOfLinks() throws JsonProcessingException {
    String names = "{'Id':'%s','Names':%s,'State':'running'}";
    ListedContainer linked =
        ContainerAnswers.listed(tree(names.formatted(ID, "['/db/web','/web','/cache/web']")));
    assertThat(linked.name()).isEqualTo("web");
    assertThat(linked.state()).isEqualTo("running");
    assertThat(ContainerAnswers.listed(tree(names.formatted(ID, "null"))).name()).isEmpty();
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return Wire.JSON.readTree(json.replace('\'', '"'));
  }
}
