package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.DNSConfig;
import dev.longshore.cri.v1.LinuxSandboxSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeLabels.Metadata;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.spec.CgroupParent;
import dev.longshore.spec.RequestHash;
import dev.longshore.spec.SecurityOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A RunPodSandbox request in Docker's terms. Pure, but for the seccomp profile, which is read from
 * the node. Left out on purpose: {@code overhead} and {@code resources}, since the kubelet writes
 * the pod's cgroup itself and the pause process needs nothing; {@code supplemental_groups_policy},
 * since the pause image has no groups that could be merged in; {@code port_mappings}, which the
 * network makes and not Docker.
 */
final class SandboxSpecs {
  private static final String FIELD = "config.linux.security_context.";
  private static final String HOST = "host";

  /** Docker's word for its default runtime in dockershim's days, still found in RuntimeClasses. */

  // As dockershim had it: the last process the kernel picks for want of memory, but for the
  // kubelet's and Docker's own, and the least share of CPU.
  private static final long OOM_SCORE_ADJ = -998;

  private static final long CPU_SHARES = 2;

  private SandboxSpecs() {}

  /**
   * @param imageId of the pause image
   * @throws CriException INVALID, naming the field, for what Docker cannot do
   */
  static ContainerSpec from(RunPodSandboxRequest request, String imageId, EngineInfo engine) {
    PodSandboxConfig config = request.getConfig();
    LinuxSandboxSecurityContext security = config.getLinux().getSecurityContext();
    if (config.hasWindows()) {
      throw new CriException(Kind.UNSUPPORTED, "config.windows: this node runs Linux containers");
    }
    List<String> options = options(security);
    SecurityOptions.check("config.linux.security_context", options, engine);
    return new ContainerSpec(
        SandboxNames.of(request).toDockerName(),
        imageId,
        KubeLabels.forSandbox(metadata(request)),
        new ProcessSpec(
            List.of(), List.of(), List.of(), "", user(security), "", false, false, false),
        namespaces(config, engine),
        new SecuritySpec(
            security.getPrivileged(),
            security.getReadonlyRootfs(),
            List.of(),
            List.of(),
            options,
            security.getSupplementalGroupsList().stream().map(String::valueOf).toList(),
            Optional.empty(),
            Optional.empty()),
        limits(),
        List.of(),
        List.of(),
        List.of(),
        engine.runtimeOf(request.getRuntimeHandler()),
        LogSpec.DAEMONS_CHOICE);
  }

  /** Whether the pod shares the node's network. */
  static boolean hostNetwork(RunPodSandboxRequest request) {
    return request.getConfig().getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
        == NamespaceMode.NODE;
  }

  private static Metadata metadata(RunPodSandboxRequest request) {
    PodSandboxConfig config = request.getConfig();
    return new Metadata(
        config.getLabelsMap(),
        config.getAnnotationsMap(),
        Optional.of(request.getRuntimeHandler()),
        "",
        RequestHash.of(request));
  }

  /** CRI: seccomp and AppArmor are ignored for privileged sandboxes. */
  private static List<String> options(LinuxSandboxSecurityContext security) {
    List<String> options = new ArrayList<>(List.of("no-new-privileges"));
    options.addAll(SecurityOptions.selinux(security.getSelinuxOptions()));
    if (!security.getPrivileged()) {
      options.addAll(seccomp(security));
      if (security.hasApparmor()) {
        options.addAll(SecurityOptions.apparmor(FIELD + "apparmor", security.getApparmor()));
      }
    }
    return options;
  }

  @SuppressWarnings("deprecation") // All that kubelets before 1.25 fill in.
  private static List<String> seccomp(LinuxSandboxSecurityContext security) {
    return security.hasSeccomp()
        ? SecurityOptions.seccomp(FIELD + "seccomp", security.getSeccomp())
        : SecurityOptions.seccompPath(
            FIELD + "seccomp_profile_path", security.getSeccompProfilePath(), List.of());
  }

  private static String user(LinuxSandboxSecurityContext security) {
    if (!security.hasRunAsUser()) {
      if (security.hasRunAsGroup()) {
        throw invalid("run_as_group", "needs run_as_user beside it");
      }
      return "";
    }
    String user = Long.toString(security.getRunAsUser().getValue());
    return security.hasRunAsGroup() ? user + ":" + security.getRunAsGroup().getValue() : user;
  }

  private static NamespaceSpec namespaces(PodSandboxConfig config, EngineInfo engine) {
    NamespaceOption option = config.getLinux().getSecurityContext().getNamespaceOptions();
    if (option.hasUsernsOptions() && option.getUsernsOptions().getMode() != NamespaceMode.NODE) {
      throw invalid(
          "namespace_options.userns_options",
          "asks for a user namespace, which Docker cannot give to single pods; set hostUsers:"
              + " true");
    }
    String network = network(option);
    boolean hostNetwork = network.equals(HOST);
    // On the node's network the pod has the node's name; Docker refuses another one beside it.
    return new NamespaceSpec(
        network,
        pid(option),
        ipc(option),
        hostNetwork ? HOST : "",
        hostNetwork ? "" : config.getHostname(),
        CgroupParent.toDocker(config.getLinux().getCgroupParent(), engine),
        config.getLinux().getSysctlsMap(),
        dns(config.getDnsConfig()));
  }

  private static String network(NamespaceOption option) {
    return switch (option.getNetwork()) {
      case POD -> "none";
      case NODE -> HOST;
      case CONTAINER, TARGET, UNRECOGNIZED ->
          throw mode("network", option.getNetwork(), "POD or NODE");
    };
  }

  private static String pid(NamespaceOption option) {
    return switch (option.getPid()) {
      case POD, CONTAINER -> "";
      case NODE -> HOST;
      case TARGET, UNRECOGNIZED -> throw mode("pid", option.getPid(), "POD, CONTAINER or NODE");
    };
  }

  private static String ipc(NamespaceOption option) {
    return switch (option.getIpc()) {
      case POD -> "shareable";
      case NODE -> HOST;
      case CONTAINER, TARGET, UNRECOGNIZED -> throw mode("ipc", option.getIpc(), "POD or NODE");
    };
  }

  /**
   * Where a request names servers but leaves out the rest, Docker would fill in the node's. "." is
   * Docker's word for no search list; for no options there is none, so the one that changes nothing
   * (resolv.conf(5): ndots defaults to 1).
   */
  private static DnsSpec dns(DNSConfig config) {
    List<String> servers = config.getServersList();
    List<String> searches = config.getSearchesList();
    List<String> options = config.getOptionsList();
    if (servers.isEmpty() && searches.isEmpty() && options.isEmpty()) {
      return DnsSpec.DEFAULT;
    }
    return new DnsSpec(
        servers,
        searches.isEmpty() ? List.of(".") : searches,
        options.isEmpty() ? List.of("ndots:1") : options);
  }

  private static ResourceSpec limits() {
    return new ResourceSpec(
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(CPU_SHARES),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.of(OOM_SCORE_ADJ));
  }

  private static CriException mode(String field, NamespaceMode got, String allowed) {
    return invalid(
        "namespace_options." + field, "is %s; a sandbox takes %s".formatted(got, allowed));
  }

  private static CriException invalid(String field, String why) {
    return new CriException(Kind.INVALID, FIELD + field + " " + why);
  }
}
