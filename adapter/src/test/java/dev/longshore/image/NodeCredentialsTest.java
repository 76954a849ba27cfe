package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.RegistryAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeCredentialsTest {
  private static final String CONFIG =
      """
      {"auths": {
        "https://index.docker.io/v1/": {"auth": "aHViOnNlY3JldA=="},
        "registry.example:5000": {"username": "ann", "password": "s3cret"},
        "https://registry.example:5000/team": {"username": "team", "password": "s3cret"},
        "tokens.example": {"identitytoken": "token"},
        "empty.example": {}
      }}
      """;

  @TempDir Path dir = Path.of("");

  @ParameterizedTest
  @CsvSource({
    "busybox, hub",
    "docker.io/a/b:1, hub",
    "registry.example:5000/app, ann",
    "registry.example:5000/teamwork/app, ann",
    "registry.example:5000/team/app, team",
    "registry.example:5000/team, team",
  })
  void theEntryThatCoversMostOfTheNameCounts(String image, String user) throws Exception {
    assertThat(find(image, write("a.json", CONFIG)).map(RegistryAuth::username)).contains(user);
  }

  @Test
  void identityTokensCountAsCredentials() throws Exception {
    assertThat(find("tokens.example/a", write("a.json", CONFIG)).map(RegistryAuth::identityToken))
        .contains("token");
  }

  @ParameterizedTest
  @CsvSource({"registry.example/app", "empty.example/app", "other.example/app"})
  void otherRegistriesGetNothing(String image) throws Exception {
    assertThat(find(image, write("a.json", CONFIG))).isEmpty();
  }

  @Test
  void unusableFilesAreLeftOutAndTheNextOneCounts() throws Exception {
    Path rubbish = write("rubbish.json", "{\"auths\": {\"registry.exa");
    Path badAuth = write("bad.json", "{\"auths\": {\"registry.example:5000\": {\"auth\": \"%\"}}}");
    Path list = write("list.json", "[1, 2]");
    Path good = write("good.json", CONFIG);

    assertThat(
            find("registry.example:5000/app", dir.resolve("missing"), rubbish, badAuth, list, good))
        .isPresent();
  }

  private static Optional<RegistryAuth> find(String image, Path... files) {
    return new NodeCredentials(List.of(files)).find(ImageReference.parseName(image));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }
}
