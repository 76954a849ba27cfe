package dev.longshore.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.common.CriException;
import dev.longshore.docker.RegistryAuth;
import dev.longshore.image.RegistryCredentials.UserPassword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials that an administrator left on the node in files of Docker's form ({@code
 * config.json}, its {@code auths}); for the sandbox image only, since the kubelet sends those of
 * every other image. Files are read when asked, so that changes count at once; credential helpers
 * are not run.
 */
final class NodeCredentials {
  private static final Logger log = LoggerFactory.getLogger(NodeCredentials.class);
  private static final long LARGEST_FILE = 1 << 20;

  private final ObjectMapper json = new ObjectMapper();
  private final List<Path> files;

  /** {@code files} in the order in which they count; missing ones are left out silently. */
  NodeCredentials(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /** The credentials of the first file that has some for the image's registry. */
  Optional<RegistryAuth> find(ImageReference.Name name) {
    return files.stream()
        .filter(Files::isReadable)
        .flatMap(file -> find(file, name).stream())
        .findFirst();
  }

  private Optional<RegistryAuth> find(Path file, ImageReference.Name name) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        log.warn("{} is left out: a file of credentials has at most 1 MiB", file);
        return Optional.empty();
      }
      return bestEntry(json.readTree(file.toFile()).path("auths"), name)
          .flatMap(entry -> read(entry.getKey(), entry.getValue()));
    } catch (IOException e) {
      // The exception's text may quote the file, secrets and all.
      log.warn("{} is left out: unreadable, or no JSON ({})", file, e.getClass().getSimpleName());
      return Optional.empty();
    } catch (CriException e) {
      log.warn("{} is left out: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  /** The entry for the registry whose path, if it has one, covers the most of the repository. */
  private static Optional<Map.Entry<String, JsonNode>> bestEntry(
      JsonNode auths, ImageReference.Name name) {
    return auths.properties().stream()
        .filter(entry -> covers(entry.getKey(), name))
        .max(
            (a, b) ->
                RegistryHosts.path(a.getKey()).length() - RegistryHosts.path(b.getKey()).length());
  }

  private static boolean covers(String key, ImageReference.Name name) {
    String path = RegistryHosts.path(key);
    return RegistryHosts.host(key).equals(RegistryHosts.host(name.registry()))
        && (path.isEmpty()
            || name.repository().equals(path)
            || name.repository().startsWith(path + "/"));
  }

  private static Optional<RegistryAuth> read(String server, JsonNode entry) {
    String auth = entry.path("auth").asText("");
    UserPassword user =
        auth.isEmpty()
            ? new UserPassword(entry.path("username").asText(""), entry.path("password").asText(""))
            : RegistryCredentials.decode(auth, server);
    String identity = entry.path("identitytoken").asText("");
    String token = entry.path("registrytoken").asText("");
    boolean useless = user.user().isEmpty() && identity.isEmpty() && token.isEmpty();
    return useless
        ? Optional.empty()
        : Optional.of(new RegistryAuth(user.user(), user.password(), server, identity, token));
  }
}
