package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.LinuxSandboxSecurityContext;
import dev.longshore.cri.v1.SELinuxOption;
import dev.longshore.cri.v1.SecurityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The security context of a sandbox as Docker's {@code SecurityOpt} entries. A profile that is not
 * given, or is the runtime's default, is Docker's default: no entry.
 */
final class SandboxSecurity {
  private SandboxSecurity() {}

  static List<String> options(LinuxSandboxSecurityContext security) {
    List<String> options = new ArrayList<>(List.of("no-new-privileges"));
    if (security.hasSelinuxOptions()) {
      addSelinux(options, security.getSelinuxOptions());
    }
    // CRI: seccomp and AppArmor are ignored for privileged sandboxes.
    if (!security.getPrivileged()) {
      if (security.hasSeccomp()) {
        addSeccomp(options, security.getSeccomp());
      }
      if (security.hasApparmor()) {
        addApparmor(options, security.getApparmor());
      }
    }
    return options;
  }

  private static void addSelinux(List<String> options, SELinuxOption label) {
    addLabel(options, "user", label.getUser());
    addLabel(options, "role", label.getRole());
    addLabel(options, "type", label.getType());
    addLabel(options, "level", label.getLevel());
  }

  private static void addLabel(List<String> options, String part, String value) {
    if (!value.isEmpty()) {
      options.add("label=" + part + ":" + value);
    }
  }

  private static void addSeccomp(List<String> options, SecurityProfile profile) {
    switch (profile.getProfileType()) {
      case RuntimeDefault -> {}
      case Unconfined -> options.add("seccomp=unconfined");
      case Localhost -> options.add("seccomp=" + seccompProfile(profile.getLocalhostRef()));
      case UNRECOGNIZED -> throw unknown("seccomp");
    }
  }

  private static void addApparmor(List<String> options, SecurityProfile profile) {
    switch (profile.getProfileType()) {
      case RuntimeDefault -> {}
      case Unconfined -> options.add("apparmor=unconfined");
      case Localhost -> options.add("apparmor=" + apparmorProfile(profile.getLocalhostRef()));
      case UNRECOGNIZED -> throw unknown("apparmor");
    }
  }

  /** Docker takes the profile's text, not its path. */
  private static String seccompProfile(String ref) {
    try {
      Path file = Path.of(ref);
      if (!file.isAbsolute()) {
        throw invalid("seccomp.localhost_ref", ref, "it is no absolute path");
      }
      String profile = Files.isRegularFile(file) ? Files.readString(file) : "";
      if (profile.isBlank()) {
        throw invalid(
            "seccomp.localhost_ref", ref, "no such file on this node, or it holds no profile");
      }
      return profile;
    } catch (InvalidPathException | IOException e) {
      throw invalid("seccomp.localhost_ref", ref, "it cannot be read: " + e.getMessage());
    }
  }

  private static String apparmorProfile(String name) {
    if (name.isEmpty()) {
      throw invalid("apparmor.localhost_ref", name, "it names no profile");
    }
    return name;
  }

  private static CriException unknown(String field) {
    return new CriException(
        Kind.INVALID,
        "config.linux.security_context.%s.profile_type is none that Longshore knows"
            .formatted(field));
  }

  private static CriException invalid(String field, String value, String why) {
    return new CriException(
        Kind.INVALID,
        "config.linux.security_context.%s is \"%s\": %s".formatted(field, value, why));
  }
}
