package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.SupplementalGroupsPolicy;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.spec.SecurityOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Privileges of a container, CRI's to Docker's.
 *
 * <p>A request without a security context (crictl) gets Docker's defaults. With one, what it says
 * holds, and what it leaves out is absent: no seccomp profile means unconfined, and empty lists of
 * masked and read-only paths mean none. The last is how the kubelet says {@code procMount:
 * Unmasked} (it fills the lists in otherwise), and how containerd reads it; the wire cannot tell an
 * empty list from one that was not set.
 */
final class SecuritySpecs {
  private static final String FIELD = "linux.security_context.";
  private static final String CAPABILITY_PREFIX = "CAP_";

  /** Docker's defaults in everything. */
  static final SecuritySpec DEFAULTS =
      new SecuritySpec(
          false,
          false,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  private SecuritySpecs() {}

  static SecuritySpec security(LinuxContainerSecurityContext context) {
    checkUserNamespace(context);
    boolean privileged = context.getPrivileged();
    return new SecuritySpec(
        privileged,
        context.getReadonlyRootfs(),
        capabilities(context.getCapabilities().getAddCapabilitiesList()),
        capabilities(context.getCapabilities().getDropCapabilitiesList()),
        options(context),
        groups(context),
        privileged ? Optional.empty() : Optional.of(context.getMaskedPathsList()),
        privileged ? Optional.empty() : Optional.of(context.getReadonlyPathsList()));
  }

  /** {@code uid}, {@code name}, either with {@code :gid}; empty for the image's user. */
  static String user(LinuxContainerSecurityContext context) {
    String user = context.getRunAsUsername();
    if (user.isEmpty() && context.hasRunAsUser()) {
      user = id("run_as_user", context.getRunAsUser().getValue());
    }
    if (!context.hasRunAsGroup()) {
      return user;
    }
    if (user.isEmpty()) {
      throw invalid(FIELD + "run_as_group", "given without run_as_user or run_as_username");
    }
    return user + ":" + id("run_as_group", context.getRunAsGroup().getValue());
  }

  private static void checkUserNamespace(LinuxContainerSecurityContext context) {
    var namespaces = context.getNamespaceOptions();
    if (namespaces.hasUsernsOptions()
        && namespaces.getUsernsOptions().getMode() != NamespaceMode.NODE) {
      throw unsupported(
          FIELD + "namespace_options.userns_options",
          "Docker has no user namespaces per pod (hostUsers: false)");
    }
  }

  private static List<String> capabilities(List<String> names) {
    return names.stream().map(SecuritySpecs::capability).distinct().toList();
  }

  private static String capability(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith(CAPABILITY_PREFIX)
        ? upper.substring(CAPABILITY_PREFIX.length())
        : upper;
  }

  private static List<String> groups(LinuxContainerSecurityContext context) {
    if (context.getSupplementalGroupsPolicy() != SupplementalGroupsPolicy.Merge) {
      throw unsupported(
          FIELD + "supplemental_groups_policy",
          "Docker always adds the groups that the image gives the user: only Merge is possible");
    }
    return context.getSupplementalGroupsList().stream()
        .map(group -> id("supplemental_groups", group))
        .toList();
  }

  private static String id(String field, long value) {
    if (value < 0 || value > 0xffff_fffeL) {
      throw invalid(FIELD + field, "ids are 0 to 2^32-2, got " + value);
    }
    return Long.toString(value);
  }

  private static List<String> options(LinuxContainerSecurityContext context) {
    if (context.getCapabilities().getAddAmbientCapabilitiesCount() > 0) {
      throw unsupported(
          FIELD + "capabilities.add_ambient_capabilities", "Docker has no ambient capabilities");
    }
    List<String> options = new ArrayList<>(SecurityOptions.selinux(context.getSelinuxOptions()));
    options.addAll(apparmor(context));
    if (!context.getPrivileged()) {
      options.addAll(seccomp(context));
    }
    if (context.getNoNewPrivs()) {
      options.add("no-new-privileges");
    }
    return options;
  }

  private static List<String> apparmor(LinuxContainerSecurityContext context) {
    return context.hasApparmor()
        ? SecurityOptions.apparmor(FIELD + "apparmor", context.getApparmor())
        : deprecatedApparmor(context);
  }

  @SuppressWarnings("deprecation") // All that kubelets before 1.30 fill in.
  private static List<String> deprecatedApparmor(LinuxContainerSecurityContext context) {
    String profile = context.getApparmorProfile();
    return switch (profile) {
      case "", "runtime/default" -> List.of();
      case "unconfined" -> List.of(SecurityOptions.APPARMOR_UNCONFINED);
      default -> {
        if (!profile.startsWith(SecurityOptions.LOCALHOST)) {
          throw invalid(
              FIELD + "apparmor_profile", "\"%s\" is no known profile".formatted(profile));
        }
        yield List.of(SecurityOptions.apparmorNamed(FIELD + "apparmor_profile", profile));
      }
    };
  }

  private static List<String> seccomp(LinuxContainerSecurityContext context) {
    return context.hasSeccomp()
        ? SecurityOptions.seccomp(FIELD + "seccomp", context.getSeccomp())
        : deprecatedSeccomp(context);
  }

  @SuppressWarnings("deprecation") // All that kubelets before 1.25 fill in.
  private static List<String> deprecatedSeccomp(LinuxContainerSecurityContext context) {
    return SecurityOptions.seccompPath(
        FIELD + "seccomp_profile_path",
        context.getSeccompProfilePath(),
        List.of(SecurityOptions.SECCOMP_UNCONFINED));
  }
}
