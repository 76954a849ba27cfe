package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.docker.ResourceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ResourceSpecsTest {
  private static final long MIB = 1 << 20;

  @Test
  void nothingGivenIsNothingAskedButTheOomScoreWhichHasNoAbsence() {
    assertThat(ResourceSpecs.forCreate(LinuxContainerResources.getDefaultInstance()))
        .isEqualTo(ResourceSpec.NONE.withOomScoreAdj(0));
  }

  @Test
  void everyLimitIsTakenOverAndReadBack() {
    LinuxContainerResources cri =
        resources()
            .setCpuPeriod(100_000)
            .setCpuQuota(50_000)
            .setCpuShares(512)
            .setMemoryLimitInBytes(64 * MIB)
            .setMemorySwapLimitInBytes(96 * MIB)
            .setOomScoreAdj(-997)
            .setCpusetCpus("0-1")
            .setCpusetMems("0")
            .build();
    ResourceSpec docker = ResourceSpecs.forCreate(cri);

    assertThat(docker)
        .isEqualTo(
            new ResourceSpec(
                OptionalLong.of(100_000),
                OptionalLong.of(50_000),
                OptionalLong.of(512),
                OptionalLong.of(64 * MIB),
                OptionalLong.of(96 * MIB),
                Optional.of("0-1"),
                Optional.of("0"),
                OptionalLong.of(-997)));
    assertThat(ResourceSpecs.toCri(docker, Map.of())).isEqualTo(cri);
  }

  @Test
  void anUnlimitedQuotaIsSaid() {
    assertThat(ResourceSpecs.forCreate(resources().setCpuQuota(-1).build()).cpuQuotaMicros())
        .hasValue(-1);
  }

  /** Amounts in MiB; 0 in the last column: not given. */
  @ParameterizedTest
  @CsvSource({
    "64,  0, '',        64",
    "64, 64, '',        64",
    "64, 96, '',        96",
    "64, -1, '',        -1",
    " 0,  0, '',         0",
    " 0, -1, '',        -1",
    "64,  0, 0,         64",
    "64,  0, 33554432,  96",
    "64, 64, 33554432,  96",
    "64,  0, max,       -1",
    " 0,  0, 0,          0",
  })
  void swapFollowsTheMemoryLimit(long memory, long total, String swapMax, long expected) {
    var cri = resources().setMemoryLimitInBytes(memory * MIB);
    cri.setMemorySwapLimitInBytes(total < 0 ? total : total * MIB);
    if (!swapMax.isEmpty()) {
      cri.putUnified("memory.swap.max", swapMax);
    }

    assertThat(ResourceSpecs.forCreate(cri.build()).memorySwapBytes())
        .isEqualTo(
            expected == 0
                ? OptionalLong.empty()
                : OptionalLong.of(expected < 0 ? expected : expected * MIB));
  }

  @Test
  void aLiftedLimitIsSaidAndReadBackAsNone() {
    ResourceSpec lifted =
        ResourceSpecs.forUpdate(
            resources().setMemoryLimitInBytes(-1).setCpuQuota(-1).build(), ResourceSpec.NONE);

    assertThat(lifted.memoryBytes()).hasValue(9223372036854771712L);
    // A negative number is left out of an update by Docker 20.10, and swap would stay below memory.
    assertThat(lifted.memorySwapBytes()).hasValue(9223372036854771712L);
    assertThat(ResourceSpecs.toCri(lifted, Map.of()).getMemoryLimitInBytes()).isZero();
    assertThat(
            ResourceSpecs.forUpdate(resources().setMemoryLimitInBytes(MIB).build(), lifted)
                .memorySwapBytes())
        .hasValue(MIB);
  }

  @Test
  void aLimitOfProcessesIsDockersAndReadBack() {
    LinuxContainerResources cri = resources().putUnified("pids.max", "10").build();
    ResourceSpec docker = ResourceSpecs.forCreate(cri);

    assertThat(docker.pidsLimit()).hasValue(10);
    assertThat(ResourceSpecs.toCri(docker, Map.of()).getUnifiedOrThrow("pids.max")).isEqualTo("10");
    assertThat(
            ResourceSpecs.forUpdate(resources().putUnified("pids.max", "max").build(), docker)
                .pidsLimit())
        .hasValue(-1);
  }

  @ParameterizedTest
  @CsvSource({
    // limit now, swap now, new limit, expected total (MiB; -1 no limit)
    " 64,  64, 128, 128",
    " 64,  96, 128, 160",
    " 64,  -1, 128,  -1",
    "  0,   0, 128, 128",
    "  0,  -1, 128, 128",
    "128, 128,  64,  64",
  })
  void aNewMemoryLimitKeepsTheAmountOfSwap(long memory, long total, long changed, long expected) {
    ResourceSpec current =
        ResourceSpecs.forCreate(
            resources()
                .setMemoryLimitInBytes(memory * MIB)
                .setMemorySwapLimitInBytes(total < 0 ? total : total * MIB)
                .build());
    ResourceSpec update =
        ResourceSpecs.forUpdate(resources().setMemoryLimitInBytes(changed * MIB).build(), current);

    assertThat(update.memoryBytes()).hasValue(changed * MIB);
    assertThat(update.memorySwapBytes()).hasValue(expected < 0 ? expected : expected * MIB);
  }

  @Test
  void anUpdateLeavesWhatIsNotGivenAndTheOomScore() {
    ResourceSpec update =
        ResourceSpecs.forUpdate(
            resources().setCpuShares(7).setOomScoreAdj(500).build(), ResourceSpec.NONE);

    assertThat(update.cpuShares()).hasValue(7);
    assertThat(update.oomScoreAdj()).isEmpty();
    assertThat(update.memoryBytes()).isEmpty();
    assertThat(update.memorySwapBytes()).isEmpty();
    assertThat(update.cpusetCpus()).isEmpty();
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(resources().setCpuPeriod(-1), Kind.INVALID, "cpu_period"),
        Arguments.of(resources().setCpuShares(-1), Kind.INVALID, "cpu_shares"),
        Arguments.of(resources().setMemoryLimitInBytes(-1), Kind.INVALID, "memory_limit_in_bytes"),
        Arguments.of(
            resources().setMemorySwapLimitInBytes(MIB), Kind.INVALID, "memory_swap_limit_in_bytes"),
        Arguments.of(
            resources().setMemoryLimitInBytes(2 * MIB).setMemorySwapLimitInBytes(MIB),
            Kind.INVALID,
            "memory_swap_limit_in_bytes"),
        Arguments.of(resources().putUnified("pids.max", "0"), Kind.INVALID, "pids.max"),
        Arguments.of(resources().putUnified("memory.swap.max", "x"), Kind.INVALID, "swap.max"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aWrongOrImpossibleLimitIsRefusedByName(
      LinuxContainerResources.Builder cri, Kind kind, String named) {
    assertThatThrownBy(() -> ResourceSpecs.forCreate(cri.build()))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(named);
  }

  private static LinuxContainerResources.Builder resources() {
    return LinuxContainerResources.newBuilder();
  }
}
