package dev.longshore.docker;

/**
 * An image whose content a container sees in a folder, read-only.
 *
 * @param target absolute path in the container
 * @param image as the request named it
 * @param imageId {@code sha256:…}, in full
 * @param subPath folder or file of the image, relative; empty for all of it
 */
public record ImageVolume(String target, String image, String imageId, String subPath) {}
