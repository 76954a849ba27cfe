package dev.longshore.image;

import dev.longshore.common.Deadline;
import dev.longshore.common.Decoded;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.cri.v1.Image;
import dev.longshore.cri.v1.ImageFilter;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.ListImagesRequest;
import dev.longshore.cri.v1.ListImagesResponse;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.RemoveImageRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The calls of the image service, as tests like to make them: by name, within a minute. */
record ImageCalls(PullImage pullImage, ImageQueries queries, RemoveImage removeImage) {
  /** Pulls, and returns the image's id. */
  String pull(String name) {
    return pullImage.handle(pullRequest(name), soon()).getImageRef();
  }

  String pull(String name, AuthConfig auth) {
    PullImageRequest request = pullRequest(name).toBuilder().setAuth(auth).build();
    return pullImage.handle(request, soon()).getImageRef();
  }

  /** The image's status; empty when it is not here. */
  Optional<Image> status(String name) {
    var response =
        queries.status(ImageStatusRequest.newBuilder().setImage(spec(name)).build(), soon());
    return response.hasImage() ? Optional.of(response.getImage()) : Optional.empty();
  }

  List<Image> list(String filter) {
    ImageFilter.Builder image = ImageFilter.newBuilder().setImage(spec(filter));
    var request = ListImagesRequest.newBuilder().setFilter(image).build();
    return Decoded.of(queries.list(request, soon()), ListImagesResponse.parser()).getImagesList();
  }

  void remove(String name) {
    var _ =
        removeImage.handle(RemoveImageRequest.newBuilder().setImage(spec(name)).build(), soon());
  }

  static PullImageRequest pullRequest(String name) {
    return PullImageRequest.newBuilder().setImage(spec(name)).build();
  }

  static ImageSpec spec(String name) {
    return ImageSpec.newBuilder().setImage(name).build();
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofMinutes(1));
  }
}
