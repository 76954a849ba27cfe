package dev.longshore.stats;

import dev.longshore.cri.v1.CpuUsage;
import dev.longshore.cri.v1.IoUsage;
import dev.longshore.cri.v1.MemoryUsage;
import dev.longshore.cri.v1.PsiData;
import dev.longshore.cri.v1.PsiStats;
import dev.longshore.cri.v1.SwapUsage;
import dev.longshore.cri.v1.UInt64Value;
import dev.longshore.kernel.Pressure;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The parts that stats of containers and of pods share; times are nanoseconds since 1970. */
final class UsageMessages {
  private UsageMessages() {}

  static CpuUsage cpu(Sample sample) {
    CpuUsage.Builder cpu =
        CpuUsage.newBuilder()
            .setTimestamp(nanos(sample.time()))
            .setUsageCoreNanoSeconds(value(sample.usage().cpu().totalNanos()));
    sample.nanoCores().ifPresent(rate -> cpu.setUsageNanoCores(value(rate)));
    sample.usage().pressures().cpu().ifPresent(pressure -> cpu.setPsi(psi(pressure)));
    return cpu.build();
  }

  static Optional<MemoryUsage> memory(Sample sample) {
    Optional<Pressure> pressure = sample.usage().pressures().memory();
    return sample.usage().memory().map(usage -> memory(usage, pressure, nanos(sample.time())));
  }

  static Optional<SwapUsage> swap(Sample sample) {
    return sample
        .usage()
        .memory()
        .flatMap(dev.longshore.kernel.MemoryUsage::swap)
        .map(usage -> swap(usage, nanos(sample.time())));
  }

  static Optional<IoUsage> io(Sample sample) {
    return sample
        .usage()
        .pressures()
        .io()
        .map(io -> IoUsage.newBuilder().setTimestamp(nanos(sample.time())).setPsi(psi(io)).build());
  }

  private static MemoryUsage memory(
      dev.longshore.kernel.MemoryUsage usage, Optional<Pressure> pressure, long time) {
    MemoryUsage.Builder memory =
        MemoryUsage.newBuilder()
            .setTimestamp(time)
            .setWorkingSetBytes(value(usage.workingSetBytes()))
            .setUsageBytes(value(usage.usageBytes()))
            .setRssBytes(value(usage.rssBytes()))
            .setPageFaults(value(usage.pageFaults()))
            .setMajorPageFaults(value(usage.majorPageFaults()));
    usage.availableBytes().ifPresent(left -> memory.setAvailableBytes(value(left)));
    pressure.ifPresent(waited -> memory.setPsi(psi(waited)));
    return memory.build();
  }

  private static PsiStats psi(Pressure pressure) {
    PsiStats.Builder psi = PsiStats.newBuilder().setSome(psi(pressure.some()));
    pressure.full().ifPresent(full -> psi.setFull(psi(full)));
    return psi.build();
  }

  private static PsiData psi(Pressure.Stall stall) {
    return PsiData.newBuilder()
        .setTotal(stall.totalNanos())
        .setAvg10(stall.avg10())
        .setAvg60(stall.avg60())
        .setAvg300(stall.avg300())
        .build();
  }

  private static SwapUsage swap(dev.longshore.kernel.SwapUsage usage, long time) {
    SwapUsage.Builder swap =
        SwapUsage.newBuilder().setTimestamp(time).setSwapUsageBytes(value(usage.usageBytes()));
    usage.availableBytes().ifPresent(left -> swap.setSwapAvailableBytes(value(left)));
    return swap.build();
  }

  static UInt64Value value(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }

  static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
