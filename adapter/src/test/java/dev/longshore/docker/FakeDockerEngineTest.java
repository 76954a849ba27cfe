package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import java.util.List;
import java.util.Map;

/** The fake keeps the promises of the real thing. */
final class FakeDockerEngineTest extends DockerEngineContractTest {
  private static final String IMAGE = "longshore.test/busybox:contract";

  private final FakeDockerEngine docker = new FakeDockerEngine();

  FakeDockerEngineTest() {
    EngineImage plain = FakeInfo.image(IMAGE);
    docker.addImage(
        new EngineImage(
            plain.id(),
            plain.tags(),
            plain.digests(),
            plain.sizeBytes(),
            "",
            Map.of("from.image", "yes")));
    docker.onExec(FakeDockerEngineTest::shell);
  }

  @Override
  protected DockerEngine engine() {
    return docker;
  }

  @Override
  protected String image() {
    return IMAGE;
  }

  @Override
  protected void printsThreeLines(ContainerId id) {
    docker.print(id, true, "one");
    docker.print(id, false, "two");
    docker.print(id, true, "three");
    docker.exit(id.value(), 0);
  }

  private static ExecAnswer shell(List<String> command) {
    return command.getFirst().equals("sleep")
        ? ExecAnswer.hangs("")
        : ExecAnswer.exits(3, "out\n", "err\n");
  }
}
