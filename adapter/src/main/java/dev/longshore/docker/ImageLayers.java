package dev.longshore.docker;

import java.nio.file.Path;
import java.util.List;

/**
 * Where Docker has the layers of an image ({@code GraphDriver} of an image's inspect).
 *
 * @param storageDriver {@code overlay2}, {@code overlayfs} (containerd's), …
 * @param folders of the host that Docker runs on, the uppermost layer first; empty for storage
 *     drivers that do not keep layers in folders
 */
public record ImageLayers(String storageDriver, List<Path> folders) {
  public ImageLayers {
    folders = List.copyOf(folders);
  }
}
