package dev.longshore.metrics;

import java.util.List;

/** Keeps figures and tells them. */
@FunctionalInterface
public interface Source {
  /**
   * Writes all families, also those without a series. Asked by several threads at once; asks
   * neither Docker nor the network.
   */
  void writeTo(Exposition out);

  /** Several as one, in that order. */
  static Source of(List<? extends Source> sources) {
    List<Source> all = List.copyOf(sources);
    return out -> all.forEach(source -> source.writeTo(out));
  }
}
