package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.common.TestCertificate;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls by a real Engine from registries with locks, by https, and from ones in trouble. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class RegistryIT {
  private static final DockerHost HOST =
      DockerHost.parse(System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));

  private final JavaDockerEngine docker = new JavaDockerEngine(HOST);
  private final ImageCatalog catalog = new ImageCatalog(docker);
  private final EngineInfo info = docker.info(ImageCalls.soon());
  private final String repository = "it/" + UUID.randomUUID();
  private Path folder = Path.of("");
  private TestRegistry registry;
  private TestCertificate certificate;

  @BeforeAll
  void startRegistry(@TempDir Path made) throws Exception {
    folder = made;
    certificate = TestCertificate.make(folder);
    registry = TestRegistry.open(folder);
    registry.push(repository, "", "1");
    // What does not compress, so that the layer is as long.
    registry.pushText(repository, "", noise(400_000), "long");
  }

  @AfterEach
  void removeImages() {
    for (EngineImage image : docker.images(ImageCalls.soon())) {
      if (Stream.concat(image.tags().stream(), image.digests().stream())
          .anyMatch(name -> name.contains(repository))) {
        docker.removeImage(image.id(), true, ImageCalls.soon());
      }
    }
  }

  @AfterAll
  void stop() {
    registry.close();
    docker.close();
  }

  @Test
  void aRegistryByHttpsIsPulledFromWithTheRightCredentialsOnly() throws Exception {
    try (TestRegistry https = TestRegistry.lockedByHttps(folder, certificate)) {
      String name = https.name(repository) + ":1";

      assertThat(pull(name, login(TestRegistry.PASSWORD))).startsWith("sha256:");
      removeImages();
      assertRefused(name, login("wr0ng"));
    }
  }

  @Test
  void tokensArePassedOnAndExpiredOnesAreRefused() throws Exception {
    try (RegistryProxy proxy = new RegistryProxy(registry.uri(), certificate).wantingTokens()) {
      String name = proxy.name(repository) + ":1";
      AuthConfig.Builder fresh = AuthConfig.newBuilder();

      assertThat(pull(name, fresh.setRegistryToken(RegistryProxy.TOKEN).build()))
          .startsWith("sha256:");
      removeImages();
      assertThat(pull(name, fresh.clear().setIdentityToken(RegistryProxy.TOKEN).build()))
          .startsWith("sha256:");
      removeImages();
      assertRefused(name, fresh.clear().setRegistryToken("old").build());
      assertRefused(name, fresh.clear().setIdentityToken("old").build());
      assertRefused(name, AuthConfig.getDefaultInstance());
    }
  }

  @Test
  void aLayerThatTricklesAndThenStallsEndsThePullOnlyThen() throws Exception {
    PullImage impatient = pulls(Duration.ofSeconds(2));
    Instant begun = Instant.now();
    try (RegistryProxy proxy =
        new RegistryProxy(registry.uri(), certificate).stalling(10_000, 60_000)) {
      String name = proxy.name(repository) + ":long";

      assertThatThrownBy(() -> impatient.handle(ImageCalls.pullRequest(name), ImageCalls.soon()))
          .isInstanceOfSatisfying(
              CriException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.TIMED_OUT))
          .hasMessageContaining(name)
          .hasMessageContaining("no progress for")
          .hasMessageContaining("Downloading");
      assertThat(Duration.between(begun, Instant.now()))
          .isBetween(Duration.ofSeconds(7), Duration.ofSeconds(15));
      Eventually.until("the pull has ended", () -> impatient.running() == 0);
    }
  }

  @Test
  void aRegistryThatDiesInTheMiddleOfALayerIsUnavailable() throws Exception {
    PullImage impatient = pulls(Duration.ofSeconds(3));
    try (RegistryProxy proxy =
        new RegistryProxy(registry.uri(), certificate).dying(100_000, 50_000)) {
      String name = proxy.name(repository) + ":long";

      assertThatThrownBy(() -> impatient.handle(ImageCalls.pullRequest(name), ImageCalls.soon()))
          .isInstanceOfSatisfying(
              CriException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.NAMED))
          .hasMessageStartingWith("RegistryUnavailable: ")
          .hasMessageContaining(name);
    }
  }

  @Test
  void theReasonsOfABusyAndOfABrokenRegistryAreTold() throws Exception {
    try (RegistryProxy proxy = new RegistryProxy(registry.uri(), certificate)) {
      String name = proxy.name(repository) + ":1";

      proxy.failing(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.");
      assertThatThrownBy(() -> pull(name, AuthConfig.getDefaultInstance()))
          .isInstanceOfSatisfying(
              CriException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.EXHAUSTED))
          .hasMessageContaining("the registry limits the rate of pulls")
          .hasMessageContaining("You have reached your pull rate limit.");

      proxy.failing(503, "UNAVAILABLE", "back at noon");
      assertThatThrownBy(() -> pull(name, AuthConfig.getDefaultInstance()))
          .isInstanceOfSatisfying(
              CriException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.NAMED))
          .hasMessageStartingWith("RegistryUnavailable: ")
          .hasMessageContaining("503");
    }
  }

  private String pull(String name, AuthConfig auth) {
    return pulls(Duration.ofMinutes(1))
        .handle(ImageCalls.pullRequest(name).toBuilder().setAuth(auth).build(), ImageCalls.soon())
        .getImageRef();
  }

  private PullImage pulls(Duration noProgress) {
    return new PullImage(docker, catalog, () -> Optional.of(info), noProgress);
  }

  private void assertRefused(String name, AuthConfig auth) {
    assertThatThrownBy(() -> pull(name, auth))
        .isInstanceOfSatisfying(
            CriException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(name)
        .message()
        .doesNotContain("wr0ng")
        .doesNotStartWith("RegistryUnavailable");
    assertThat(catalog.find(name, ImageCalls.soon())).isEmpty();
  }

  private static AuthConfig login(String password) {
    return AuthConfig.newBuilder().setUsername(TestRegistry.USER).setPassword(password).build();
  }

  private static String noise(int length) {
    StringBuilder text = new StringBuilder(length);
    Random random = new Random();
    while (text.length() < length) {
      text.append((char) ('!' + random.nextInt(90)));
    }
    return text.toString();
  }
}
