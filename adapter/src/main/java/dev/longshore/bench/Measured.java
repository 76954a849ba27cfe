package dev.longshore.bench;

/** A column of the report. */
interface Measured {
  /** Short enough for a table's head. */
  String name();

  /** Where it is, in full. */
  String place();

  /** Empty for what was not measured. */
  Samples samples(Call call);

  /** NaN for what was not measured. */
  double get(Figure figure);
}
