package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WritableLayersTest {
  private static final ContainerId POD = new ContainerId("a".repeat(64));
  private static final int MIB = 1 << 20;

  @TempDir Path root;
  private StatsRig rig;

  @BeforeEach
  void start() {
    rig = new StatsRig(root);
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @Test
  void aContainersFilesAreCountedSoonAfterItsStartWithoutBeingAskedFor() throws IOException {
    Path layer = rig.layer("web", POD);
    Files.write(layer.resolve("big"), new byte[MIB]);
    ContainerId web = rig.run("web", POD, Map.of());

    Eventually.until("the layer is known", () -> rig.layerUse(web).isPresent());

    LayerUse use = rig.layerUse(web).orElseThrow();
    assertThat(use.inodes()).isEqualTo(2);
    assertThat(use.usedBytes()).isBetween((long) MIB, MIB + 100_000L);
    assertThat(use.root()).isEqualTo(root.resolve("docker"));
    assertThat(use.device()).matches("[0-9]+:[0-9]+");
  }

  @Test
  void aLayerThatCannotBeSeenIsLeftOut() throws IOException {
    ContainerId hidden = rig.run("hidden", POD, Map.of());
    var _ = rig.layer("web", POD);
    ContainerId web = rig.run("web", POD, Map.of());

    Eventually.until("the later layer is known", () -> rig.layerUse(web).isPresent());

    assertThat(rig.layerUse(hidden)).isEmpty();
  }

  @Test
  void whatIsKnownOfAContainerIsForgottenWithItsRun() throws IOException {
    var _ = rig.layer("web", POD);
    ContainerId id = rig.run("web", POD, Map.of());
    Eventually.until("the layer is known", () -> rig.layerUse(id).isPresent());

    rig.exit(id);

    Eventually.until("it is forgotten", () -> rig.layerUse(id).isEmpty());
  }
}
