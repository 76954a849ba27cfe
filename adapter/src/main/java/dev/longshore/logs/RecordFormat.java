package dev.longshore.logs;

/** How records of output are written down, by Docker or by {@link ApiReader}. */
sealed interface RecordFormat permits JsonRecords, LocalRecords, PieceRecords {
  /** What {@link #translate} answers for a record that is not all there yet. */
  int INCOMPLETE = 0;

  /**
   * Translates the record that begins at {@code from}; the same bytes always give the same lines.
   *
   * @return its length in bytes, or {@link #INCOMPLETE}
   * @throws UnreadableRecordException for bytes that are no record
   */
  int translate(byte[] bytes, int from, int to, CriLines lines) throws UnreadableRecordException;

  /** Which form records have. */
  enum Kind {
    JSON,
    LOCAL,
    PIECES
  }
}
