package dev.longshore.docker;

/**
 * Credentials for one registry, any of them empty. Never printed.
 *
 * @param serverAddress host, or URL as Docker's own configuration writes it
 */
public record RegistryAuth(
    String username,
    String password,
    String serverAddress,
    String identityToken,
    String registryToken) {
  @Override
  public String toString() {
    return "RegistryAuth[" + serverAddress + ", credentials hidden]";
  }
}
