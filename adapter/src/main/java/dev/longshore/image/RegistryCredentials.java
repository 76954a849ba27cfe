package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.docker.RegistryAuth;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Turns the credentials of a request into those Docker takes. Nothing here prints a secret. */
final class RegistryCredentials {
  private RegistryCredentials() {}

  /**
   * The credentials for a pull of {@code name}; empty when the message holds none. A user name
   * given as such goes before the one in {@code auth}.
   *
   * @throws CriException INVALID when {@code auth} is not base64 of {@code user:password}, or when
   *     the credentials are for another registry, which must not see them
   */
  static Optional<RegistryAuth> from(AuthConfig config, ImageReference.Name name) {
    boolean hasUser = !config.getUsername().isEmpty() || !config.getPassword().isEmpty();
    boolean hasToken = !config.getIdentityToken().isEmpty() || !config.getRegistryToken().isEmpty();
    if (!hasUser && !hasToken && config.getAuth().isEmpty()) {
      return Optional.empty();
    }
    checkServer(config.getServerAddress(), name);
    String server =
        config.getServerAddress().isEmpty() ? name.registry() : config.getServerAddress();
    UserPassword user =
        hasUser || config.getAuth().isEmpty()
            ? new UserPassword(config.getUsername(), config.getPassword())
            : decode(config.getAuth(), name.familiar());
    return Optional.of(
        new RegistryAuth(
            user.user(),
            user.password(),
            server,
            config.getIdentityToken(),
            config.getRegistryToken()));
  }

  /**
   * Reads Docker's {@code auth}.
   *
   * @param whose completes the sentence "the credentials for …"
   * @throws CriException INVALID when it is not base64 of {@code user:password}
   */
  static UserPassword decode(String auth, String whose) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(auth.strip());
    } catch (IllegalArgumentException _) {
      throw badAuth(whose, "is not base64");
    }
    // Docker's own files end in zero bytes now and then (containerd cuts them off too).
    String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\0+$", "");
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw badAuth(whose, "does not hold user:password");
    }
    return new UserPassword(text.substring(0, colon), text.substring(colon + 1));
  }

  private static CriException badAuth(String whose, String why) {
    return new CriException(
        Kind.INVALID,
        "the credentials for %s are unusable: the field auth %s; make it base64(user:password)"
            .formatted(whose, why));
  }

  private static void checkServer(String server, ImageReference.Name name) {
    if (!server.isEmpty()
        && !RegistryHosts.host(server).equals(RegistryHosts.host(name.registry()))) {
      throw new CriException(
          Kind.INVALID,
          "the credentials given for image %s are for registry %s, and are not shown to %s"
              .formatted(name.familiar(), server, name.registry()));
    }
  }

  /** A name and its secret. Never printed. */
  record UserPassword(String user, String password) {
    @Override
    public String toString() {
      return "UserPassword[hidden]";
    }
  }
}
