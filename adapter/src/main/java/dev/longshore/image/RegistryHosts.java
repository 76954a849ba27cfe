package dev.longshore.image;

import java.util.Locale;
import java.util.Set;

/** Compares registries as credentials and image names write them. */
final class RegistryHosts {
  // Docker Hub answers to all of these; docker login files its credentials under the first.
  private static final Set<String> HUB =
      Set.of("index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "docker.io");

  private RegistryHosts() {}

  /** Host, and port where it is not that of https, of a host or URL. */
  static String host(String address) {
    String host = withoutScheme(address);
    int slash = host.indexOf('/');
    host = (slash < 0 ? host : host.substring(0, slash)).toLowerCase(Locale.ROOT);
    if (HUB.contains(host)) {
      return ImageReference.Name.DOCKER_HUB;
    }
    return host.endsWith(":443") ? host.substring(0, host.length() - 4) : host;
  }

  /** What follows the host, without slashes at its ends; {@code v1} and {@code v2} mean nothing. */
  static String path(String address) {
    String rest = withoutScheme(address);
    int slash = rest.indexOf('/');
    String path = slash < 0 ? "" : rest.substring(slash + 1);
    path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return path.equals("v1") || path.equals("v2") ? "" : path;
  }

  private static String withoutScheme(String address) {
    int scheme = address.indexOf("://");
    return scheme < 0 ? address : address.substring(scheme + 3);
  }
}
