package dev.longshore.logs;

/** How Docker writes records of output into a file. */
sealed interface RecordFormat permits JsonRecords, LocalRecords {
  /** What {@link #translate} answers for a record that is not all there yet. */
  int INCOMPLETE = 0;

  /**
   * Translates the record that begins at {@code from}; the same bytes always give the same lines.
   *
   * @return its length in bytes, or {@link #INCOMPLETE}
   * @throws UnreadableRecordException for bytes that are no record
   */
  int translate(byte[] bytes, int from, int to, CriLines lines) throws UnreadableRecordException;
}
