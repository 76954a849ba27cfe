package dev.longshore.network;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** CNI_ARGS: which pod a call is about, for plugins that ask Kubernetes. */
final class CniArgs {
  // Plugins split at these and offer no quoting: a value with one could set another argument.
  private static final Pattern UNSAFE = Pattern.compile("[;=\\p{Cntrl}]");

  private CniArgs() {}

  /**
   * The arguments of a pod, in the order containerd sends them.
   *
   * @throws CriException INVALID for a value that CNI_ARGS cannot carry
   */
  static Map<String, String> of(PodNetworkRequest request) {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("IgnoreUnknown", "1");
    args.put("K8S_POD_NAMESPACE", safe("namespace", request.namespace()));
    args.put("K8S_POD_NAME", safe("name", request.podName()));
    args.put("K8S_POD_INFRA_CONTAINER_ID", request.sandboxId().value());
    args.put("K8S_POD_UID", safe("uid", request.podUid()));
    return args;
  }

  /** What can be said of a sandbox of which only the id is known. */
  static Map<String, String> of(ContainerId sandboxId) {
    Map<String, String> args = new LinkedHashMap<>();
    args.put("IgnoreUnknown", "1");
    args.put("K8S_POD_INFRA_CONTAINER_ID", sandboxId.value());
    return args;
  }

  static String text(Map<String, String> args) {
    return args.entrySet().stream()
        .map(arg -> arg.getKey() + "=" + arg.getValue())
        .collect(Collectors.joining(";"));
  }

  private static String safe(String field, String value) {
    if (UNSAFE.matcher(value).find()) {
      throw new CriException(
          Kind.INVALID,
          "pod %s \"%s\" must not hold ; = or control characters: CNI cannot pass it on"
              .formatted(field, value));
    }
    return value;
  }
}
