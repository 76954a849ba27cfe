package dev.longshore.image;

import java.time.Duration;

/**
 * How a pull stands.
 *
 * @param since its beginning
 * @param words Docker's last, such as {@code Downloading}; may be empty
 * @param downloadedBytes of the layers that this pull fetches
 * @param totalBytes of those layers whose download has begun
 */
public record PullProgress(
    String image, Duration since, String words, long downloadedBytes, long totalBytes) {}
