package dev.longshore.sandbox;

import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.RunPodSandboxRequest;

/** Requests as the kubelet makes them. */
final class Requests {
  private Requests() {}

  /** Pod {@code default/<pod>}, uid 7c1e, attempt 0, with one label and one annotation. */
  static RunPodSandboxRequest run(String pod) {
    return RunPodSandboxRequest.newBuilder()
        .setConfig(
            PodSandboxConfig.newBuilder()
                .setMetadata(
                    PodSandboxMetadata.newBuilder()
                        .setName(pod)
                        .setNamespace("default")
                        .setUid("7c1e"))
                .putLabels("app", pod)
                .putAnnotations("example.org/note", "hello"))
        .build();
  }

  static RunPodSandboxRequest runOnHost(String pod) {
    RunPodSandboxRequest.Builder request = run(pod).toBuilder();
    request
        .getConfigBuilder()
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setNetwork(NamespaceMode.NODE);
    return request.build();
  }

  static RunPodSandboxRequest withAttempt(RunPodSandboxRequest request, int attempt) {
    RunPodSandboxRequest.Builder changed = request.toBuilder();
    changed.getConfigBuilder().getMetadataBuilder().setAttempt(attempt);
    return changed.build();
  }

  static RunPodSandboxRequest withLabel(RunPodSandboxRequest request, String key, String value) {
    RunPodSandboxRequest.Builder changed = request.toBuilder();
    changed.getConfigBuilder().putLabels(key, value);
    return changed.build();
  }
}
