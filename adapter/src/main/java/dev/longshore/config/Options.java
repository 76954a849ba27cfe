package dev.longshore.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All that can be set.
 *
 * @param socket where Longshore listens
 * @param root folder of what must survive a restart
 * @param pauseImage image of every sandbox
 * @param credentialFiles where credentials for that image may be, in Docker's form; nobody sends
 *     them
 */
public record Options(
    Path socket,
    Path root,
    String pauseImage,
    List<Path> credentialFiles,
    Docker docker,
    Cni cni,
    Streaming streaming,
    Logs logs,
    OomScoreAdj restrictOomScoreAdj,
    Telemetry telemetry) {
  public Options {
    credentialFiles = List.copyOf(credentialFiles);
  }

  /**
   * How Docker is reached.
   *
   * @param socket of the daemon's API
   * @param maxCalls how many changing calls may be under way at once, at least 1
   * @param requestTimeout bound of a call whose caller gives none
   * @param pullProgress a pull that moves nothing for that long is given up
   */
  public record Docker(Path socket, int maxCalls, Duration requestTimeout, Duration pullProgress) {
    /** The socket as a URL. */
    public String endpoint() {
      return "unix://" + socket;
    }
  }

  /**
   * Where pod networks come from.
   *
   * @param binDirs searched in this order
   * @param podCidr the node's, one or two networks with a comma between; empty until the kubelet
   *     tells it
   */
  public record Cni(Path confDir, List<Path> binDirs, Path cacheDir, String podCidr) {
    public Cni {
      binDirs = List.copyOf(binDirs);
    }
  }

  /**
   * Where the clients of exec, attach and port-forward come to.
   *
   * @param address on loopback; port 0 means any that is free
   * @param idle a client on whose streams nothing has moved for that long is cut
   * @param abandonedExec what becomes of a command whose client goes away
   * @param tls without it plain HTTP is served
   */
  public record Streaming(
      InetSocketAddress address, Duration idle, AbandonedExec abandonedExec, Optional<Tls> tls) {}

  /** PEM files of the server's certificate chain and of its private key. */
  public record Tls(Path certificate, Path privateKey) {}

  /** What becomes of a command whose client goes away. */
  public enum AbandonedExec {
    /** It ends, with all it started. */
    KILL,
    /** It goes on, as with cri-dockerd. */
    LEAVE
  }

  /** What a container's log is. */
  public enum ContainerLogFormat {
    /** A regular file in the CRI's format. */
    CRI,
    /** A link to Docker's json-file, as cri-dockerd and dockershim make it. */
    DOCKER
  }

  /**
   * Containers' logs, and how much of their output Docker keeps, until it is copied there and for
   * {@code docker logs}.
   *
   * @param format of logs of new containers
   * @param spoolDriver {@code local}, {@code json-file}, or {@code daemon} for the daemon's choice
   * @param spoolSize of one file, in Docker's form: {@code 16m}
   */
  public record Logs(
      ContainerLogFormat format, String spoolDriver, String spoolSize, int spoolFiles) {}

  /** What to do with a negative {@code oom_score_adj}, which some kernels refuse. */
  public enum OomScoreAdj {
    /** Raise it to 0 once the kernel has refused one. */
    AUTO,
    /** Raise it to 0 from the start. */
    ALWAYS,
    /** Pass it on as asked. */
    NEVER
  }

  /**
   * What Longshore tells of itself.
   *
   * @param metrics where metrics and health are served; port 0 means any that is free
   * @param tracing base URL of an OTLP receiver; without it nothing is traced
   */
  public record Telemetry(
      Optional<InetSocketAddress> metrics,
      LogLevel logLevel,
      LogFormat logFormat,
      Optional<URI> tracing) {}

  /** The form of the log's lines. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /** How much is logged. */
  public enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /** The options by name, to be shown; nothing in them is secret. */
  public Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("containerRuntimeEndpoint", "unix://" + socket);
    shown.put("rootDirectory", root.toString());
    // kubeadm looks for this name in crictl's info.
    shown.put("sandboxImage", pauseImage);
    shown.put("dockerEndpoint", docker.endpoint());
    shown.put("dockerMaxCalls", Integer.toString(docker.maxCalls()));
    shown.put("runtimeRequestTimeout", seconds(docker.requestTimeout()));
    shown.put("imagePullProgressDeadline", seconds(docker.pullProgress()));
    shown.put("cniConfDir", cni.confDir().toString());
    shown.put(
        "cniBinDir", cni.binDirs().stream().map(Path::toString).collect(Collectors.joining(",")));
    shown.put("cniCacheDir", cni.cacheDir().toString());
    shown.put("podCidr", cni.podCidr());
    shown.put("streamingBindAddr", shown(streaming.address()));
    shown.put("streamingIdleTimeout", seconds(streaming.idle()));
    shown.put("streamingAbandonedExec", streaming.abandonedExec().name().toLowerCase(Locale.ROOT));
    shown.put(
        "streamingTlsCertFile",
        streaming.tls().map(tls -> tls.certificate().toString()).orElse(""));
    shown.put(
        "streamingTlsPrivateKeyFile",
        streaming.tls().map(tls -> tls.privateKey().toString()).orElse(""));
    shown.put("containerLogFormat", logs.format().name().toLowerCase(Locale.ROOT));
    shown.put("containerLogSpoolDriver", logs.spoolDriver());
    shown.put("containerLogSpoolSize", logs.spoolSize());
    shown.put("containerLogSpoolFiles", Integer.toString(logs.spoolFiles()));
    shown.put("restrictOomScoreAdj", restrictOomScoreAdj.name().toLowerCase(Locale.ROOT));
    shown.put("metricsBindAddr", telemetry.metrics().map(Options::shown).orElse("0"));
    shown.put("logLevel", telemetry.logLevel().name().toLowerCase(Locale.ROOT));
    shown.put("logFormat", telemetry.logFormat().name().toLowerCase(Locale.ROOT));
    shown.put("tracingEndpoint", telemetry.tracing().map(URI::toString).orElse(""));
    return shown;
  }

  private static String shown(InetSocketAddress address) {
    return "%s:%d".formatted(address.getAddress().getHostAddress(), address.getPort());
  }

  private static String seconds(Duration time) {
    return time.toSeconds() + "s";
  }
}
