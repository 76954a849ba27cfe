package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.requireAbsolute;

import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.SecurityProfile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Seccomp, CRI's to Docker's security option. A profile on this node goes to Docker byte for byte:
 * parsing and writing it again loses what the parser does not know, and a profile without any
 * syscall entry is a profile too.
 */
final class SeccompProfiles {
  private static final String UNCONFINED = "seccomp=unconfined";
  private static final String LOCALHOST = "localhost/";

  /** Docker's own profile has 13 kB. */
  private static final long LARGEST = 1L << 20;

  private SeccompProfiles() {}

  /**
   * The option, or none for Docker's built-in profile. Not for privileged containers, which run
   * unconfined in CRI as in Docker.
   *
   * @throws dev.longshore.common.CriException INVALID when the profile's file cannot be read
   */
  static List<String> options(LinuxContainerSecurityContext context) {
    return context.hasSeccomp() ? structured(context.getSeccomp()) : text(deprecated(context));
  }

  private static List<String> structured(SecurityProfile profile) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> List.of();
      case Unconfined -> List.of(UNCONFINED);
      case Localhost -> List.of(fromFile("seccomp.localhost_ref", profile.getLocalhostRef()));
      case UNRECOGNIZED -> throw invalid("seccomp.profile_type", "unknown value");
    };
  }

  @SuppressWarnings("deprecation") // All that kubelets before 1.25 fill in.
  private static String deprecated(LinuxContainerSecurityContext context) {
    return context.getSeccompProfilePath();
  }

  private static List<String> text(String path) {
    return switch (path) {
      case "", "unconfined" -> List.of(UNCONFINED);
      case "runtime/default", "docker/default" -> List.of();
      default -> {
        if (!path.startsWith(LOCALHOST)) {
          throw invalid("seccomp_profile_path", "\"%s\" is no known profile".formatted(path));
        }
        yield List.of(fromFile("seccomp_profile_path", path.substring(LOCALHOST.length())));
      }
    };
  }

  private static String fromFile(String field, String path) {
    Path file = Path.of(requireAbsolute(field, path));
    try {
      if (Files.size(file) > LARGEST) {
        throw invalid(field, "%s is larger than %d bytes".formatted(file, LARGEST));
      }
      byte[] content = Files.readAllBytes(file);
      return "seccomp=" + StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
    } catch (CharacterCodingException e) {
      throw invalid(field, file + " is not UTF-8 text");
    } catch (IOException e) {
      throw invalid(field, "cannot read the seccomp profile %s: %s".formatted(file, e));
    }
  }
}
