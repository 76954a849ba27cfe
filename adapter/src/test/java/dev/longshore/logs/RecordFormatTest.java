package dev.longshore.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RecordFormatTest {
  private static final String TIME = "2026-11-24T10:48:14.406059736Z";
  private static final byte[] BINARY = {'a', (byte) 0xff, (byte) 0xfe, 0, 1};

  private final CriLines lines = new CriLines();

  @Test
  void aLineOfJsonIsALineOfCri() throws Exception {
    assertThat(json("{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"" + TIME + "\"}\n"))
        .isEqualTo(TIME + " stdout F hello\n");
    assertThat(json("{\"log\":\"\\n\",\"stream\":\"stderr\",\"time\":\"" + TIME + "\"}\n"))
        .isEqualTo(TIME + " stderr F \n");
  }

  @Test
  void escapesAndAttributesOfJsonAreRead() throws Exception {
    String log = "q\\\"b\\\\s\\u003c\\t\\r\\u00e9\\u2028\\ufffd\\ud83d\\ude00,\\\"stream\\\":\\n";
    assertThat(
            json(
                "{\"log\":\"%s\",\"stream\":\"stderr\",\"attrs\":{\"a\":\"b\"},\"time\":\"%s\"}\n"
                    .formatted(log, TIME)))
        .isEqualTo(TIME + " stderr F q\"b\\s<\t\r\u00e9\u2028\ufffd\ud83d\ude00,\"stream\":\n");
  }

  @Test
  void aFullPieceWithoutLineEndIsPartialAndAShorterOneIsTheLast() throws Exception {
    String piece = "x".repeat(CriLines.PIECE);
    assertThat(
            json("{\"log\":\"%s\",\"stream\":\"stdout\",\"time\":\"%s\"}\n".formatted(piece, TIME)))
        .isEqualTo(TIME + " stdout P " + piece + "\n");
    assertThat(json("{\"log\":\"end\",\"stream\":\"stdout\",\"time\":\"%s\"}\n".formatted(TIME)))
        .isEqualTo(TIME + " stdout F end\n");
  }

  @Test
  void whatIsNoJsonObjectIsSkippedLineByLine() {
    for (String bad : new String[] {"garbage\n", "{}\n", "{\"log\":\"a\n", "\u0000\u0000\n"}) {
      assertThatThrownBy(() -> json(bad))
          .isInstanceOfSatisfying(
              UnreadableRecordException.class, e -> assertThat(e.skip()).isEqualTo(bad.length()));
    }
  }

  @Test
  void bytesOfLocalAreKept() throws Exception {
    byte[] record = FakeSpool.record(FakeSpool.FIRST_NANOS + 7, "stderr", BINARY, false, false);
    assertThat(new LocalRecords().translate(record, 0, record.length, lines))
        .isEqualTo(record.length);
    byte[] expected =
        "2023-11-14T22:13:20.000000007Z stderr F ".getBytes(StandardCharsets.US_ASCII);
    assertThat(Arrays.copyOf(lines.bytes(), expected.length)).isEqualTo(expected);
    assertThat(Arrays.copyOfRange(lines.bytes(), expected.length, lines.length()))
        .isEqualTo(new byte[] {'a', (byte) 0xff, (byte) 0xfe, 0, 1, '\n'});
  }

  @Test
  void piecesOfLocalArePartialButForTheLast() throws Exception {
    byte[] piece = "y".repeat(CriLines.PIECE).getBytes(StandardCharsets.US_ASCII);
    assertThat(local(FakeSpool.record(1, "stdout", piece, true, false))).contains(" stdout P y");
    assertThat(local(FakeSpool.record(1, "stdout", piece, true, true))).contains(" stdout F y");
    assertThat(local(FakeSpool.record(1, "stdout", BINARY, true, false))).contains(" stdout F a");
  }

  @Test
  void anUnfinishedRecordIsLeftForLater() throws Exception {
    byte[] record = FakeSpool.record(1, "stdout", BINARY, false, false);
    for (int length = 0; length < record.length; length++) {
      assertThat(new LocalRecords().translate(record, 0, length, lines))
          .isEqualTo(RecordFormat.INCOMPLETE);
    }
    byte[] json = "{\"log\":\"a\\n\",\"stream\":\"std".getBytes(StandardCharsets.US_ASCII);
    assertThat(new JsonRecords().translate(json, 0, json.length, lines))
        .isEqualTo(RecordFormat.INCOMPLETE);
    assertThat(lines.length()).isZero();
  }

  @Test
  void aLengthThatCannotBeIsUnreadable() {
    byte[] record = FakeSpool.record(1, "stdout", BINARY, false, false);
    record[record.length - 1]++;
    assertThatThrownBy(() -> local(record)).isInstanceOf(UnreadableRecordException.class);
    assertThatThrownBy(() -> local(new byte[64])).isInstanceOf(UnreadableRecordException.class);
  }

  private String json(String record) throws UnreadableRecordException {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    return translated(new JsonRecords(), bytes);
  }

  private String local(byte[] record) throws UnreadableRecordException {
    return translated(new LocalRecords(), record);
  }

  private String translated(RecordFormat format, byte[] bytes) throws UnreadableRecordException {
    lines.clear();
    assertThat(format.translate(bytes, 0, bytes.length, lines)).isEqualTo(bytes.length);
    return new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8);
  }
}
