package dev.longshore.it;

import dev.longshore.cri.v1.ReopenContainerLogRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What a kubelet does with logs: renames those that are large, has them reopened, or undoes it. */
final class LogKubelet {
  private final TestNode node;
  private final long limit;
  private final Map<String, Path> logs = new ConcurrentHashMap<>();
  private final AtomicInteger rotations = new AtomicInteger();
  private final AtomicInteger undone = new AtomicInteger();

  /** {@code limit} is the size in bytes above which a log is rotated. */
  LogKubelet(TestNode node, long limit) {
    this.node = node;
    this.limit = limit;
  }

  void add(String container, Path log) {
    logs.put(container, log);
  }

  int rotations() {
    return rotations.get();
  }

  /** Rotations that failed, since the server was away. */
  int undone() {
    return undone.get();
  }

  /** One look at all logs. */
  void round() {
    logs.forEach(
        (container, log) -> {
          try {
            if (Files.exists(log) && Files.size(log) > limit) {
              rotate(container, log);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  void rotate(String container, Path log) throws IOException {
    Path renamed = log.resolveSibling("%s.%06d".formatted(log.getFileName(), rotations.get()));
    Files.move(log, renamed);
    try {
      var _ =
          node.runtimeNow()
              .reopenContainerLog(
                  ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
      rotations.incrementAndGet();
    } catch (StatusRuntimeException e) {
      Files.move(renamed, log, StandardCopyOption.REPLACE_EXISTING);
      undone.incrementAndGet();
    }
  }

  /** A log's files, oldest first. */
  static List<Path> files(Path log) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> siblings = Files.list(log.resolveSibling(""))) {
      siblings.filter(file -> !file.equals(log)).sorted().forEach(files::add);
    }
    if (Files.exists(log)) {
      files.add(log);
    }
    return files;
  }
}
