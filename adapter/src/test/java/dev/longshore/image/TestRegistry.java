package dev.longshore.image;

import dev.longshore.common.Eventually;
import dev.longshore.common.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A registry of our own: Debian's docker-registry on a free port of the loopback interface, which
 * Docker takes without TLS. Images are put into it over its own protocol, so no other daemon is
 * needed.
 */
final class TestRegistry implements AutoCloseable {
  static final String USER = "ann";
  static final String PASSWORD = "s3cret";

  // bcrypt of the password above, as htpasswd writes it.
  private static final String HTPASSWD =
      USER + ":$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

  private final int port;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestRegistry(int port, Process process) {
    this.port = port;
    this.process = process;
  }

  /** A registry for everybody that keeps its data under {@code folder}. */
  static TestRegistry open(Path folder) throws IOException {
    return start(folder, "", "");
  }

  /** A registry for {@link #USER} only. */
  static TestRegistry locked(Path folder) throws IOException {
    return start(folder, "", users(folder));
  }

  /** Another one, by https, of what is in a registry of the same folder. */
  static TestRegistry lockedByHttps(Path folder, TestCertificate certificate) throws IOException {
    String tls =
        ", tls: {certificate: \"%s\", key: \"%s\"}"
            .formatted(certificate.chain(), certificate.key());
    return start(folder, tls, users(folder));
  }

  private static String users(Path folder) throws IOException {
    Path users = Files.writeString(folder.resolve("htpasswd"), HTPASSWD);
    return "auth: {htpasswd: {realm: test, path: \"%s\"}}\n".formatted(users);
  }

  private static TestRegistry start(Path folder, String tls, String auth) throws IOException {
    int port = freePort();
    Path config =
        Files.writeString(
            folder.resolve("config%d.yml".formatted(port)),
            """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: "%s"}}
            http: {addr: "127.0.0.1:%d"%s}
            """
                    .formatted(folder.resolve("data"), port, tls)
                + auth);
    Process process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry%d.log".formatted(port)).toFile())
            .start();
    Eventually.until("docker-registry listens on port " + port, () -> listens(port));
    return new TestRegistry(port, process);
  }

  /** A port of the loopback interface on which nobody listens. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The name of a repository in this registry. */
  String name(String repository) {
    return "127.0.0.1:%d/%s".formatted(port, repository);
  }

  /** The same by another name of the same registry. */
  String otherName(String repository) {
    return "localhost:%d/%s".formatted(port, repository);
  }

  /**
   * Puts a small image, unlike every other, into the repository under each of the tags.
   *
   * @return the manifest's digest
   */
  String push(String repository, String user, String... tags) throws Exception {
    return pushText(repository, user, UUID.randomUUID().toString(), tags);
  }

  /** The same with an image that has that text in it. */
  String pushText(String repository, String user, String content, String... tags) throws Exception {
    byte[] tar = tar("unique", content);
    byte[] layer = gzip(tar);
    byte[] config =
        """
        {"architecture": "%s", "os": "linux", "config": {"User": "%s", "Cmd": ["/none"]},
         "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
        """
            .formatted(architecture(), user, digest(tar))
            .getBytes(StandardCharsets.UTF_8);
    putBlob(repository, layer);
    putBlob(repository, config);
    byte[] manifest =
        """
        {"schemaVersion": 2, "mediaType": "%s",
         "config": {"mediaType": "%s", "size": %d, "digest": "%s"},
         "layers": [{"mediaType": "%s", "size": %d, "digest": "%s"}]}
        """
            .formatted(
                MANIFEST, CONFIG, config.length, digest(config), LAYER, layer.length, digest(layer))
            .getBytes(StandardCharsets.UTF_8);
    for (String tag : tags) {
      put(uri("/v2/%s/manifests/%s".formatted(repository, tag)), MANIFEST, manifest);
    }
    return digest(manifest);
  }

  private void putBlob(String repository, byte[] content) throws Exception {
    HttpRequest begin =
        request(uri("/v2/%s/blobs/uploads/".formatted(repository)))
            .POST(BodyPublishers.noBody())
            .build();
    HttpResponse<String> begun = http.send(begin, BodyHandlers.ofString());
    URI place = uri(begun.headers().firstValue("Location").orElseThrow());
    put(
        URI.create(place + (place.getQuery() == null ? "?" : "&") + "digest=" + digest(content)),
        "application/octet-stream",
        content);
  }

  private void put(URI uri, String type, byte[] content) throws Exception {
    HttpRequest request =
        request(uri).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(content)).build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new AssertionError("PUT " + uri + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  private static HttpRequest.Builder request(URI uri) {
    String credentials =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return HttpRequest.newBuilder(uri).header("Authorization", "Basic " + credentials);
  }

  /** Where it is, by http. */
  URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  private URI uri(String path) {
    return uri().resolve(path);
  }

  private static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String architecture() {
    return Optional.of(System.getProperty("os.arch"))
        .filter(arch -> !arch.equals("aarch64"))
        .orElse("arm64");
  }

  private static byte[] tar(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(bytes.length);
      tar.putArchiveEntry(entry);
      tar.write(bytes);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private static String digest(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    process.onExit().join();
  }
}
