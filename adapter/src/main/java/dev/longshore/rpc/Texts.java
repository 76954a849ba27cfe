package dev.longshore.rpc;

import dev.longshore.cri.v1.PodSandboxMetadata;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Texts of requests and failures, fit for the log and the wire. The object of a call is named by
 * ids and names only, never by an environment, a command or a credential.
 */
final class Texts {
  private static final int LONGEST_SUBJECT = 300;
  // A status's description travels in a header, three bytes for each that is not plain ASCII; many
  // clients take no more than 8 KiB of headers.
  private static final int LONGEST_SENTENCE = 2000;

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private Texts() {}

  static String pod(PodSandboxMetadata pod) {
    return "%s/%s (uid %s, attempt %s)"
        .formatted(
            pod.getNamespace(),
            pod.getName(),
            pod.getUid(),
            Integer.toUnsignedString(pod.getAttempt()));
  }

  /** The name of an object on one line and of bounded length: it comes from a request. */
  static String subject(String text) {
    return CONTROL.matcher(cut(text, LONGEST_SUBJECT)).replaceAll("?");
  }

  /** The sentence, cut where it becomes too long for a status. */
  static String sentence(String text) {
    return cut(text, LONGEST_SENTENCE);
  }

  private static String cut(String text, int bytes) {
    // At most three bytes for each char.
    if (text.length() <= bytes / 3) {
      return text;
    }
    byte[] whole = text.getBytes(StandardCharsets.UTF_8);
    if (whole.length <= bytes) {
      return text;
    }
    int end = bytes;
    while ((whole[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(whole, 0, end, StandardCharsets.UTF_8) + "…";
  }
}
