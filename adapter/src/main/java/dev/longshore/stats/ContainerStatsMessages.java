package dev.longshore.stats;

import dev.longshore.cri.v1.ContainerAttributes;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.CpuUsage;
import dev.longshore.cri.v1.IoUsage;
import dev.longshore.cri.v1.MemoryUsage;
import dev.longshore.cri.v1.PsiData;
import dev.longshore.cri.v1.PsiStats;
import dev.longshore.cri.v1.SwapUsage;
import dev.longshore.cri.v1.UInt64Value;
import dev.longshore.kernel.Pressure;
import dev.longshore.view.ContainerView;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Samples to CRI messages; what the kernel does not say stays unset, never zero. */
final class ContainerStatsMessages {
  private ContainerStatsMessages() {}

  static ContainerStats of(ContainerView container, Sample sample) {
    long time = nanos(sample.time());
    ContainerStats.Builder stats =
        ContainerStats.newBuilder().setAttributes(attributes(container)).setCpu(cpu(sample, time));
    sample
        .memory()
        .ifPresent(
            memory -> {
              stats.setMemory(memory(memory, sample.pressures().memory(), time));
              memory.swap().ifPresent(swap -> stats.setSwap(swap(swap, time)));
            });
    sample
        .pressures()
        .io()
        .ifPresent(io -> stats.setIo(IoUsage.newBuilder().setTimestamp(time).setPsi(psi(io))));
    return stats.build();
  }

  private static ContainerAttributes attributes(ContainerView container) {
    return ContainerAttributes.newBuilder()
        .setId(container.engine().id().value())
        .setMetadata(
            ContainerMetadata.newBuilder()
                .setName(container.name().container())
                .setAttempt((int) container.name().attempt()))
        .putAllLabels(container.metadata().labels())
        .putAllAnnotations(container.metadata().annotations())
        .build();
  }

  private static CpuUsage cpu(Sample sample, long time) {
    CpuUsage.Builder cpu =
        CpuUsage.newBuilder()
            .setTimestamp(time)
            .setUsageCoreNanoSeconds(value(sample.cpu().totalNanos()));
    sample.nanoCores().ifPresent(rate -> cpu.setUsageNanoCores(value(rate)));
    sample.pressures().cpu().ifPresent(pressure -> cpu.setPsi(psi(pressure)));
    return cpu.build();
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

  private static UInt64Value value(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }

  private static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
