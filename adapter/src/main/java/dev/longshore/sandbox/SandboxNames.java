package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.KubeName;
import java.util.regex.Pattern;

/** What a sandbox is called, in requests and in messages. */
final class SandboxNames {
  // Of the characters Docker takes in names, all but '_', which joins the parts.
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9.-]+");

  private SandboxNames() {}

  /** The name a request gives its sandbox; INVALID, naming the field, when it gives none. */
  static KubeName of(RunPodSandboxRequest request) {
    if (!request.getConfig().hasMetadata()) {
      throw new CriException(Kind.INVALID, "config.metadata of the pod sandbox is missing");
    }
    PodSandboxMetadata metadata = request.getConfig().getMetadata();
    return KubeName.sandbox(
        part("name", metadata.getName()),
        part("namespace", metadata.getNamespace()),
        part("uid", metadata.getUid()),
        Integer.toUnsignedLong(metadata.getAttempt()));
  }

  static PodSandboxMetadata toCri(KubeName name) {
    return PodSandboxMetadata.newBuilder()
        .setName(name.pod())
        .setNamespace(name.namespace())
        .setUid(name.uid())
        .setAttempt((int) name.attempt())
        .build();
  }

  /** For messages: {@code default/web-0 (attempt 1)}. */
  static String shown(KubeName name) {
    return "%s/%s (attempt %d)".formatted(name.namespace(), name.pod(), name.attempt());
  }

  /** INVALID when a request names no sandbox. */
  static String required(String id) {
    if (id.isEmpty()) {
      throw new CriException(Kind.INVALID, "pod_sandbox_id is empty");
    }
    return id;
  }

  private static String part(String field, String value) {
    if (value.isEmpty()) {
      throw new CriException(
          Kind.INVALID, "config.metadata.%s of the pod sandbox is empty".formatted(field));
    }
    if (!PART.matcher(value).matches()) {
      throw new CriException(
          Kind.INVALID,
          ("config.metadata.%s of the pod sandbox is \"%s\"; letters, digits, '.' and '-' may"
                  + " stand in it")
              .formatted(field, value));
    }
    return value;
  }
}
