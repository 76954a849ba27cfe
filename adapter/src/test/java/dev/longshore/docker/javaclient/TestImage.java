package dev.longshore.docker.javaclient;

import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A busybox image made from this machine's own busybox, so that no registry is needed. */
public final class TestImage {
  public static final String NAME = "longshore.test/busybox:contract";

  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> APPLETS =
      List.of("sh", "sleep", "echo", "cat", "true", "false", "yes", "head", "id", "ls", "mount");

  private TestImage() {}

  /** Brings the image to the daemon, replacing one left over. */
  public static void load(DockerHost host) {
    try (DockerHttpClient http =
            new ApacheDockerHttpClient.Builder().dockerHost(host.uri()).build();
        InputStream tar = new ByteArrayInputStream(tar())) {
      Request.Builder request = Request.builder();
      request
          .method(Request.Method.POST)
          .path(
              "/v1.40/images/create?fromSrc=-&repo=longshore.test/busybox&tag=contract&changes="
                  + Wire.query("LABEL from.image=yes"))
          .body(tar);
      try (Response response = http.execute(request.build())) {
        String said = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
        if (response.getStatusCode() != 200 || said.contains("errorDetail")) {
          throw new IllegalStateException("could not import the test image: " + said);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes an image of what a container has become: that of the container, and a layer more. */
  public static void commit(DockerHost host, String container, String name) {
    try (DockerHttpClient http =
        new ApacheDockerHttpClient.Builder().dockerHost(host.uri()).build()) {
      Request.Builder request = Request.builder();
      request
          .method(Request.Method.POST)
          .path("/v1.40/commit?container=" + container + "&repo=" + name + "&tag=1");
      try (Response response = http.execute(request.build())) {
        if (response.getStatusCode() != 201) {
          throw new IllegalStateException("could not commit: " + response.getStatusCode());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry busybox = new TarArchiveEntry("bin/busybox");
      busybox.setMode(0755);
      busybox.setSize(Files.size(BUSYBOX));
      tar.putArchiveEntry(busybox);
      Files.copy(BUSYBOX, tar);
      tar.closeArchiveEntry();
      for (String applet : APPLETS) {
        TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
