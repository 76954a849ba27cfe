package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.docker.RegistryAuth;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryCredentialsTest {
  private static final ImageReference.Name IMAGE =
      ImageReference.parseName("registry.example:5000/team/app:1");

  @Test
  void noCredentialsAreNoCredentials() {
    assertThat(RegistryCredentials.from(AuthConfig.getDefaultInstance(), IMAGE)).isEmpty();
    assertThat(
            RegistryCredentials.from(
                AuthConfig.newBuilder().setServerAddress("elsewhere.example").build(), IMAGE))
        .isEmpty();
  }

  @Test
  void userAndPasswordAreTakenForTheImagesRegistry() {
    AuthConfig given = AuthConfig.newBuilder().setUsername("ann").setPassword("s3cret").build();

    assertThat(RegistryCredentials.from(given, IMAGE))
        .contains(new RegistryAuth("ann", "s3cret", "registry.example:5000", "", ""));
  }

  @Test
  void authHoldsUserAndPasswordWhichMayContainColons() {
    AuthConfig given = AuthConfig.newBuilder().setAuth(base64("ann:s3:cret")).build();

    assertThat(RegistryCredentials.from(given, IMAGE))
        .contains(new RegistryAuth("ann", "s3:cret", "registry.example:5000", "", ""));
  }

  @Test
  void zeroBytesAfterThePasswordAreNoPartOfIt() {
    AuthConfig given = AuthConfig.newBuilder().setAuth(base64("ann:s3cret\0\0")).build();

    assertThat(RegistryCredentials.from(given, IMAGE).map(RegistryAuth::password))
        .contains("s3cret");
  }

  @Test
  void anExplicitUserGoesBeforeAuth() {
    AuthConfig given =
        AuthConfig.newBuilder()
            .setUsername("ann")
            .setPassword("s3cret")
            .setAuth(base64("bob:other"))
            .build();

    assertThat(RegistryCredentials.from(given, IMAGE).map(RegistryAuth::username)).contains("ann");
  }

  @Test
  void tokensAreHandedOn() {
    AuthConfig given =
        AuthConfig.newBuilder().setIdentityToken("identity").setRegistryToken("registry").build();

    assertThat(RegistryCredentials.from(given, IMAGE))
        .contains(new RegistryAuth("", "", "registry.example:5000", "identity", "registry"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%%%", "s3cret", "OnMzY3JldA==", "c2VjcmV0"})
  void authThatIsNotUserAndPasswordIsRefusedWithoutBeingShown(String auth) {
    AuthConfig given = AuthConfig.newBuilder().setAuth(auth).build();

    assertThatThrownBy(() -> RegistryCredentials.from(given, IMAGE))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(CriException.Kind.INVALID))
        .hasMessageContaining("registry.example:5000/team/app:1")
        .message()
        .doesNotContain(auth);
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example:5000, registry.example:5000/a",
    "https://registry.example:5000, registry.example:5000/a",
    "https://Registry.example:5000/v2/, registry.example:5000/a",
    "registry.example, registry.example:443/a",
    "https://index.docker.io/v1/, busybox",
    "registry-1.docker.io, docker.io/library/busybox",
  })
  void credentialsOfTheSameServerAreSentThere(String server, String image) {
    assertThat(RegistryCredentials.from(password(server), ImageReference.parseName(image)))
        .map(RegistryAuth::serverAddress)
        .contains(server);
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example, registry.example:5000/a",
    "registry.example:5000, busybox",
    "https://index.docker.io/v1/, registry.example/a",
    "registry.example.evil.example, registry.example/a",
  })
  void credentialsOfAnotherServerAreNot(String server, String image) {
    assertThatThrownBy(
            () -> RegistryCredentials.from(password(server), ImageReference.parseName(image)))
        .isInstanceOf(CriException.class)
        .hasMessageContaining(server)
        .message()
        .doesNotContain("s3cret");
  }

  private static AuthConfig password(String server) {
    return AuthConfig.newBuilder()
        .setUsername("ann")
        .setPassword("s3cret")
        .setServerAddress(server)
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
