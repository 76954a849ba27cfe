package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code longshore install|uninstall|status} in a root folder of its own; needs root. */
@Timeout(180)
class InstallerIT {
  @TempDir Path work;
  private HostRoot root;
  private Product product;

  @BeforeEach
  void makeHost() throws Exception {
    root = HostRoot.make(work.resolve("root"));
    product = Product.make(work, "1.0.0");
  }

  @Test
  void installsWithoutStartingAnythingAndASecondTimeChangesNothing() throws Exception {
    Shell.Ended first = product.host(root, "install");
    assertThat(first.exit()).as(first.output()).isZero();
    assertThat(first.output()).contains("nothing was started", "Longshore 1.0.0 is installed");
    assertThat(root.running()).isEmpty();
    var files = root.files();
    assertThat(files)
        .containsKeys(
            "opt/longshore/current",
            "usr/bin/longshore",
            "usr/lib/systemd/system/longshore.socket",
            "usr/lib/systemd/system/longshore.service",
            "etc/longshore/config.yaml");
    assertThat(product.host(root, "install").exit()).isZero();
    assertThat(root.files()).isEqualTo(files);
  }

  @Test
  void anInstallEndedAtAnyStepIsFinishedByTheNext() throws Exception {
    product.host(root, "install", "--start");
    Product next = Product.make(work, "1.1.0");
    HostRoot whole = root.copy(work.resolve("whole"));
    assertThat(next.host(whole, "install", "--start").exit()).isZero();
    int step = 1;
    for (boolean ended = true; ended; step++) {
      HostRoot host = root.copy(work.resolve("step-" + step));
      ended = next.installUntil(step, host, Files.createDirectories(work.resolve("tools")));
      assertThat(host.at("/opt/longshore/current/VERSION"))
          .as("after step %d the link leads to a version", step)
          .exists();
      assertThat(host.at("/usr/lib/systemd/system/longshore.service")).exists();
      Shell.Ended finished = next.host(host, "install", "--start");
      assertThat(finished.exit()).as("after step %d: %s", step, finished.output()).isZero();
      assertThat(host.files()).as("after step %d", step).isEqualTo(whole.files());
      assertThat(host.running()).as("after step %d", step).isEqualTo("1.1.0");
    }
    assertThat(step).isGreaterThan(20);
  }

  @Test
  void aNodeThatServesIsRestartedForANewVersionOnlyAndForSettings() throws Exception {
    product.host(root, "install", "--start");
    product.host(root, "install", "--start");
    assertThat(root.calls()).noneMatch(call -> call.startsWith("restart"));
    Path settings = Files.writeString(work.resolve("settings"), "logLevel: debug\n");
    product.host(root, "install", "--start", "--config=" + settings);
    product.host(root, "install", "--start", "--config=" + settings);
    assertThat(root.read("/etc/longshore/conf.d/50-install.yaml")).isEqualTo("logLevel: debug\n");
    assertThat(restarts()).isOne();
    product.host(root, "install", "--config=none");
    assertThat(root.at("/etc/longshore/conf.d/50-install.yaml")).doesNotExist();
    assertThat(restarts()).isEqualTo(2);
    Product.make(work, "1.1.0").host(root, "install");
    assertThat(restarts()).isEqualTo(3);
    assertThat(root.running()).isEqualTo("1.1.0");
  }

  @Test
  void settingsThatTheServerDoesNotTakeChangeNothing() throws Exception {
    product.host(root, "install", "--start");
    var files = root.files();
    Path settings = Files.writeString(work.resolve("settings"), "wrong: true\n");
    Shell.Ended refused = product.host(root, "install", "--config=" + settings);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.output()).contains("the settings are not taken: 1: unknown key");
    assertThat(restarts()).isZero();
    product.host(root, "install");
    assertThat(root.files()).isEqualTo(files);
  }

  @Test
  void twoInstallsWaitForEachOther() throws Exception {
    product.host(root, "install");
    Process holder =
        new ProcessBuilder(
                "flock",
                root.at("/run/lock/longshore-install.lock").toString(),
                "sh",
                "-c",
                "echo held; read line")
            .start();
    assertThat(holder.inputReader().readLine()).isEqualTo("held");
    Process waiting =
        new ProcessBuilder(
                product.folder().resolve("libexec/host").toString(),
                "install",
                "--root=" + root.folder())
            .start();
    assertThat(waiting.inputReader().readLine()).contains("another install");
    assertThat(waiting.isAlive()).isTrue();
    holder.outputWriter().close();
    assertThat(waiting.waitFor()).isZero();
  }

  @Test
  void theVersionBeforeStaysAndIsTheWayBack() throws Exception {
    product.host(root, "install", "--start");
    Product.make(work, "1.1.0").host(root, "install");
    Product.make(work, "1.2.0").host(root, "install");
    assertThat(root.at("/opt/longshore/1.0.0")).doesNotExist();
    Shell.Ended back =
        Shell.end(
            java.util.Map.of(),
            root.at("/opt/longshore/1.1.0/libexec/host").toString(),
            "install",
            "--root=" + root.folder());
    assertThat(back.exit()).as(back.output()).isZero();
    assertThat(root.running()).isEqualTo("1.1.0");
  }

  @Test
  void uninstallingIsRefusedWhileAKubeletUsesTheSocketAndLeavesSettings() throws Exception {
    product.host(root, "install", "--start");
    root.kubelet("/usr/bin/kubelet --container-runtime-endpoint=unix:///run/longshore.sock");
    Shell.Ended refused = product.host(root, "uninstall");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.output()).contains("the kubelet (pid 77) is set to use /run/longshore.sock");
    assertThat(root.running()).isEqualTo("1.0.0");
    root.kubelet("/usr/bin/kubelet --container-runtime-endpoint=unix:///run/other.sock");
    Shell.Ended done = product.host(root, "uninstall");
    assertThat(done.exit()).as(done.output()).isZero();
    assertThat(done.output()).contains("left: /etc/longshore");
    assertThat(root.files().keySet())
        .filteredOn(f -> f.contains("longshore"))
        .containsExactly("etc/longshore/config.yaml");
    product.host(root, "uninstall", "--purge");
    assertThat(root.at("/etc/longshore")).doesNotExist();
  }

  @Test
  void purgingUnmountsTheImagesThatPodsUse() throws Exception {
    product.host(root, "install", "--start");
    Path volume = Files.createDirectories(root.at("/var/lib/longshore/image-volumes/one"));
    assertThat(run("mount", "-t", "tmpfs", "-o", "ro", "image", volume.toString())).isZero();
    Shell.Ended done = product.host(root, "uninstall", "--purge");
    assertThat(done.exit()).as(done.output()).isZero();
    assertThat(root.at("/var/lib/longshore")).doesNotExist();
    assertThat(Path.of("/proc/self/mounts")).content().doesNotContain(volume.toString());
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Test
  void statusTellsWhetherTheNodeStandsAsExpected() throws Exception {
    assertThat(product.host(root, "status").exit()).isEqualTo(1);
    product.host(root, "install", "--start");
    assertThat(product.host(root, "status", "--quiet", "--expect=installed").exit()).isZero();
    assertThat(product.host(root, "status").exit()).isEqualTo(1);
    root.socket("01", "03", "03");
    Shell.Ended serving = product.host(root, "status");
    assertThat(serving.exit()).isZero();
    assertThat(serving.output())
        .contains("installed: 1.0.0", "service: active 1.0.0", "listening, 2 connected");
    assertThat(Product.make(work, "1.1.0").host(root, "status", "--quiet").exit()).isEqualTo(1);
  }

  private long restarts() throws Exception {
    return root.calls().stream().filter(call -> call.startsWith("restart")).count();
  }
}
