package dev.longshore;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TestSpecs;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Many pods in a fake Docker, labelled and annotated as the kubelet does. */
public final class Fleet {
  private final FakeDockerEngine docker;

  public Fleet(FakeDockerEngine docker) {
    this.docker = docker;
    docker.addImage(FakeNode.IMAGE);
  }

  /** Runs pods behind Longshore's back; the ids of their containers. */
  public List<ContainerId> run(int pods, int containersEach) {
    List<ContainerId> containers = new ArrayList<>();
    for (int pod = 0; pod < pods; pod++) {
      ContainerId sandbox = start(sandbox(pod));
      for (int container = 0; container < containersEach; container++) {
        containers.add(start(container(pod, container, sandbox)));
      }
    }
    return containers;
  }

  private ContainerId start(ContainerSpec spec) {
    ContainerId id = docker.createBehind(spec);
    docker.startBehind(id.value());
    return id;
  }

  private static ContainerSpec sandbox(int pod) {
    return spec(
        KubeName.sandbox(pod(pod), "shop", uid(pod), 0),
        KubeLabels.forSandbox(metadata(pod, "")),
        "host");
  }

  private static ContainerSpec container(int pod, int number, ContainerId sandbox) {
    return spec(
        new KubeName("c" + number, pod(pod), "shop", uid(pod), 0),
        KubeLabels.forContainer(
            metadata(pod, FakeNode.IMAGE),
            sandbox.value(),
            "/var/log/pods/shop_%s_%s/c%d/0.log".formatted(pod(pod), uid(pod), number)),
        "container:" + sandbox);
  }

  private static ContainerSpec spec(KubeName name, Map<String, String> labels, String network) {
    ContainerSpec plain = TestSpecs.container(name.toDockerName(), FakeNode.IMAGE, "sleep", "1d");
    return new ContainerSpec(
        plain.name(),
        plain.image(),
        labels,
        plain.process(),
        TestSpecs.namespaces(network),
        plain.security(),
        ResourceSpec.NONE,
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }

  private static KubeLabels.Metadata metadata(int pod, String image) {
    return new KubeLabels.Metadata(
        Map.of(
            "app",
            "web-" + pod % 50,
            "pod-template-hash",
            "7d4b9c6f5" + pod % 10,
            "io.kubernetes.pod.name",
            pod(pod),
            "io.kubernetes.pod.namespace",
            "shop",
            "io.kubernetes.pod.uid",
            uid(pod),
            "io.kubernetes.container.name",
            "c"),
        Map.of(
            "io.kubernetes.container.hash", "%08x".formatted(pod * 31),
            "io.kubernetes.container.restartCount", "0",
            "io.kubernetes.container.terminationMessagePath", "/dev/termination-log",
            "io.kubernetes.container.terminationMessagePolicy", "File",
            "io.kubernetes.pod.terminationGracePeriod", "30"),
        Optional.of(""),
        image,
        "%016x".formatted(pod));
  }

  private static String pod(int pod) {
    return "web-7d4b9c6f5-%05d".formatted(pod);
  }

  private static String uid(int pod) {
    return "3f0c7c1e-5a0b-4b6e-9d52-%012d".formatted(pod);
  }

  /** The same engine, with every text of an inspect as new as one that was read from a socket. */
  public static DockerEngine withOwnTexts(FakeDockerEngine fake) {
    return (DockerEngine)
        Proxy.newProxyInstance(
            DockerEngine.class.getClassLoader(),
            new Class<?>[] {DockerEngine.class},
            (_, method, arguments) -> {
              try {
                Object answer = method.invoke(fake, arguments);
                return method.getName().equals("inspect")
                    ? ((Optional<?>) answer).map(found -> anew((EngineContainer) found))
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @SuppressWarnings("StringCopy") // New texts are the point.
  private static EngineContainer anew(EngineContainer c) {
    Map<String, String> labels = new HashMap<>();
    c.labels().forEach((key, value) -> labels.put(new String(key), new String(value)));
    return new EngineContainer(
        new ContainerId(new String(c.id().value())),
        new String(c.name()),
        c.created(),
        c.state(),
        new String(c.imageId()),
        new String(c.imageName()),
        labels,
        c.host(),
        c.mounts(),
        new String(c.logPath()));
  }
}
