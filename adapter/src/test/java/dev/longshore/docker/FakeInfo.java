package dev.longshore.docker;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a fake daemon says of itself, and its stock images. */
final class FakeInfo {
  static final String OOM_REFUSAL =
      "failed to create shim: OCI runtime create failed: runc create failed: unable to start"
          + " container process: can't set process oom_score_adj: write"
          + " /proc/self/oom_score_adj: permission denied: unknown";

  private FakeInfo() {}

  static EngineInfo engine20() {
    return new EngineInfo(
        "20.10.24",
        "1.41",
        "1.41",
        "cgroupfs",
        1,
        "/var/lib/docker",
        "overlay2",
        "json-file",
        "runc",
        List.of("runc", "io.containerd.runc.v2"),
        List.of("name=seccomp,profile=default"),
        false,
        Set.of(),
        Map.of("OperatingSystem", "Fake Linux"),
        List.of());
  }

  /** An image of that tag; equal tags give equal ids. */
  static EngineImage image(String tag) {
    String familiar = FakeImages.familiar(tag);
    String digest =
        FakeImages.repository(familiar) + "@sha256:" + FakeImages.hex("manifest " + familiar);
    return new EngineImage(
        "sha256:" + FakeImages.hex("image " + familiar),
        List.of(familiar),
        List.of(digest),
        1_234_567,
        "",
        Map.of());
  }

  /** As a list has it: without what only an inspect knows. */
  static EngineImage listed(EngineImage image) {
    return new EngineImage(
        image.id(), image.tags(), image.digests(), image.sizeBytes(), "", Map.of());
  }
}
