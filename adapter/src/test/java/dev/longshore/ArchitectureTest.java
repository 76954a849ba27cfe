package dev.longshore;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages. A package that is not listed here must be listed first. */
class ArchitectureTest {
  private static final String ROOT = "dev.longshore";
  private static final String MESSAGES = "cri.v1";

  // By place rather than by package: the tests' classes are elsewhere.
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

  // What each package may use; Main, in the root, may use all.
  private static final Map<String, List<String>> ARROWS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("common", List.of()),
              Map.entry("config", List.of()),
              Map.entry("logging", List.of()),
              Map.entry("tracing", List.of("common")),
              Map.entry("docker", List.of("metrics", "common")),
              Map.entry("docker.javaclient", List.of("docker", "common")),
              Map.entry("kernel", List.of("common")),
              Map.entry("network", List.of("metrics", "common")),
              Map.entry("checkpoint", List.of("docker", "network", "common")),
              Map.entry("metrics", List.of("common")),
              Map.entry("http", List.of("common")),
              Map.entry("metrics.http", List.of("http", "metrics", "common")),
              Map.entry("view", List.of("docker", "metrics", "common")),
              Map.entry("image", operation()),
              Map.entry("spec", List.of("docker", MESSAGES, "common")),
              Map.entry("container", operation("spec")),
              Map.entry("stats", operation("metrics")),
              Map.entry("node", operation()),
              Map.entry("logs", operation()),
              Map.entry("sandbox", operation("image", "spec")),
              Map.entry(
                  "streaming",
                  List.of("view", "docker", "kernel", "http", "metrics", MESSAGES, "common")),
              Map.entry("client", List.of(MESSAGES, "common")),
              Map.entry(
                  "rpc",
                  List.of(
                      "sandbox",
                      "container",
                      "image",
                      "stats",
                      "node",
                      "logs",
                      "streaming",
                      "metrics",
                      MESSAGES,
                      "common")),
              Map.entry("bench", List.of("client", MESSAGES, "common")),
              Map.entry("cli", List.of("bench", "client", "config", MESSAGES, "common"))));

  @ParameterizedTest
  @MethodSource("packages")
  void packagesDependDownwardsOnly(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), ARROWS.getOrDefault(name, List.of()).stream())
            .map(p -> ROOT + "." + p)
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage(ROOT + "." + name)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAnyPackage(ROOT + "..")).or(resideInAnyPackage(allowed)))
        .because("arrows point downwards, and sandbox → image is the only one between operations")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsArrows() {
    TreeSet<String> found = new TreeSet<>();
    CLASSES.forEach(c -> found.add(c.getPackageName()));
    found.remove(ROOT);
    found.remove(ROOT + "." + MESSAGES);
    assertThat(ARROWS.keySet().stream().map(p -> ROOT + "." + p)).containsAll(found);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching(ROOT + ".(**)")
        .should()
        .beFreeOfCycles()
        .because("a cycle is one package with two names")
        .check(CLASSES);
  }

  @Test
  void dockerJavaStaysBehindTheGateway() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".docker.javaclient")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.github.dockerjava..")
        .because("its types are mutable and nullable, and it may have to be replaced")
        .check(CLASSES);
  }

  @Test
  void grpcStaysAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages(inRoot("rpc", "client", MESSAGES))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.grpc..")
        .because("operations return values and throw; statuses are made in one place")
        .check(CLASSES);
  }

  @Test
  void nettyStaysAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages(inRoot("rpc", "client", "streaming", "http", "metrics.http"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .because("everything else is plain blocking code")
        .check(CLASSES);
  }

  @Test
  void criMessagesStayAbove() {
    noClasses()
        .that()
        .resideInAnyPackage(
            inRoot("common", "config", "docker..", "view", "network", "checkpoint", "kernel"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "." + MESSAGES, "com.google.protobuf..")
        .because("requests are translated once, in the operation packages")
        .check(CLASSES);
  }

  @Test
  void resilienceIsDecidedInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".docker..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.resilience4j..")
        .because("retries on top of retries multiply")
        .check(CLASSES);
  }

  @Test
  void theEnvironmentIsReadAtTheTop() {
    DescribedPredicate<JavaAccess<?>> onSystem =
        JavaAccess.Predicates.target(owner(type(System.class)));
    DescribedPredicate<JavaAccess<?>> environment =
        JavaAccess.Predicates.target(nameMatching("getenv|getProperty|setProperty|getProperties"));
    noClasses()
        .that()
        .resideOutsideOfPackages(inRoot("config", "cli", MESSAGES))
        .and()
        .doNotHaveFullyQualifiedName(ROOT + ".Main")
        .should()
        .callMethodWhere(onSystem.and(environment).forSubtype())
        .because("a class that reads them cannot be told otherwise by a test")
        .check(CLASSES);
  }

  private static List<String> packages() {
    return List.copyOf(ARROWS.keySet());
  }

  private static List<String> operation(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "view",
                "docker",
                "network",
                "checkpoint",
                "kernel",
                "metrics",
                MESSAGES,
                "common"));
    all.addAll(Arrays.asList(more));
    return all;
  }

  private static String[] inRoot(String... names) {
    return Arrays.stream(names).map(n -> ROOT + "." + n).toArray(String[]::new);
  }
}
