package dev.longshore.spec;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.SELinuxOption;
import dev.longshore.cri.v1.SecurityProfile;
import dev.longshore.docker.EngineInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * SELinux labels and profiles of seccomp and AppArmor as Docker's {@code SecurityOpt} entries. No
 * entry is Docker's default. {@code field} is the request's field, for errors (all INVALID).
 */
public final class SecurityOptions {
  public static final String SECCOMP_UNCONFINED = "seccomp=unconfined";
  public static final String APPARMOR_UNCONFINED = "apparmor=unconfined";
  private static final String APPARMOR = "apparmor=";
  public static final String LOCALHOST = "localhost/";

  /** Docker's own profile has 13 kB. */
  private static final long LARGEST = 1L << 20;

  private SecurityOptions() {}

  /** One entry for each part of the label that is given. */
  public static List<String> selinux(SELinuxOption label) {
    List<String> options = new ArrayList<>();
    addLabel(options, "user", label.getUser());
    addLabel(options, "role", label.getRole());
    addLabel(options, "type", label.getType());
    addLabel(options, "level", label.getLevel());
    return options;
  }

  /** A profile on this node is read and passed on whole. */
  public static List<String> seccomp(String field, SecurityProfile profile) {
    return option(field, profile, SECCOMP_UNCONFINED, SecurityOptions::seccompFile);
  }

  /**
   * The older form, all that kubelets before 1.25 fill in.
   *
   * @param none for a profile that is not given
   */
  public static List<String> seccompPath(String field, String path, List<String> none) {
    return switch (path) {
      case "" -> none;
      case "unconfined" -> List.of(SECCOMP_UNCONFINED);
      case "runtime/default", "docker/default" -> List.of();
      default -> {
        if (!path.startsWith(LOCALHOST)) {
          throw invalid(field, "\"%s\" is no known profile".formatted(path));
        }
        yield List.of(seccompFile(field, path.substring(LOCALHOST.length())));
      }
    };
  }

  /**
   * The profile's text, byte for byte: parsing and writing it again loses what the parser does not
   * know, and a profile without any syscall entry is a profile too.
   */
  private static String seccompFile(String field, String path) {
    Path file = absolute(field, path);
    try {
      if (Files.size(file) > LARGEST) {
        throw invalid(field, "%s is larger than %d bytes".formatted(file, LARGEST));
      }
      byte[] content = Files.readAllBytes(file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      if (text.isBlank()) {
        throw invalid(field, file + " holds no profile");
      }
      return "seccomp=" + text;
    } catch (CharacterCodingException e) {
      throw invalid(field, file + " is not UTF-8 text");
    } catch (IOException e) {
      throw invalid(field, "cannot read the seccomp profile %s: %s".formatted(file, e));
    }
  }

  /** A profile that is loaded in this node's kernel, by name. */
  public static List<String> apparmor(String field, SecurityProfile profile) {
    return option(field, profile, APPARMOR_UNCONFINED, SecurityOptions::apparmorNamed);
  }

  /** {@code local} makes the entry from the reference's field and the reference. */
  private static List<String> option(
      String field, SecurityProfile profile, String unconfined, BinaryOperator<String> local) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> List.of();
      case Unconfined -> List.of(unconfined);
      case Localhost -> List.of(local.apply(field + ".localhost_ref", profile.getLocalhostRef()));
      case UNRECOGNIZED -> throw invalid(field + ".profile_type", "unknown value");
    };
  }

  /** {@code reference} may begin with {@code localhost/}, the older form. */
  public static String apparmorNamed(String field, String reference) {
    String name =
        reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
    if (name.isBlank()) {
      throw invalid(field, "names no profile");
    }
    return APPARMOR + name;
  }

  /**
   * Docker leaves a named profile out, without a word, on a node whose kernel has no AppArmor.
   *
   * @throws CriException UNSUPPORTED for a profile by name on such a node
   */
  public static void check(String field, List<String> options, EngineInfo engine) {
    boolean enforced = engine.confinesBy("apparmor");
    for (String option : options) {
      if (!enforced && option.startsWith(APPARMOR) && !option.equals(APPARMOR_UNCONFINED)) {
        throw new CriException(
            Kind.UNSUPPORTED,
            "%s.apparmor: profile %s cannot be applied: Docker says that this node has no AppArmor"
                .formatted(field, option.substring(APPARMOR.length())));
      }
    }
  }

  private static void addLabel(List<String> options, String part, String value) {
    if (!value.isEmpty()) {
      options.add("label=" + part + ":" + value);
    }
  }

  private static Path absolute(String field, String path) {
    try {
      Path file = Path.of(path);
      if (file.isAbsolute()) {
        return file;
      }
    } catch (InvalidPathException e) {
      throw invalid(field, "\"%s\" is no path: %s".formatted(path, e.getReason()));
    }
    throw invalid(field, "\"%s\" is not an absolute path".formatted(path));
  }

  private static CriException invalid(String field, String problem) {
    return new CriException(Kind.INVALID, field + ": " + problem);
  }
}
