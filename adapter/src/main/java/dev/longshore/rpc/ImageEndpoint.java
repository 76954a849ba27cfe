package dev.longshore.rpc;

import dev.longshore.common.Encoded;
import dev.longshore.cri.v1.ImageFsInfoRequest;
import dev.longshore.cri.v1.ImageFsInfoResponse;
import dev.longshore.cri.v1.ImageServiceGrpc;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.ImageStatusResponse;
import dev.longshore.cri.v1.ListImagesRequest;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.PullImageResponse;
import dev.longshore.cri.v1.RemoveImageRequest;
import dev.longshore.cri.v1.RemoveImageResponse;
import dev.longshore.cri.v1.StreamImagesRequest;
import dev.longshore.image.ImageFilesystems;
import dev.longshore.image.ImageQueries;
import dev.longshore.image.PullImage;
import dev.longshore.image.RemoveImage;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;

/** The ImageService: one call of ours for each RPC. What is not here is UNIMPLEMENTED. */
public final class ImageEndpoint implements ImageServiceGrpc.AsyncService, BindableService {
  // The kubelet sets no deadline: a pull ends when it makes no progress.
  private static final Duration PULL_BOUND = Duration.ofDays(1);

  private final CallRunner calls;
  private final PullImage pull;
  private final RemoveImage remove;
  private final ImageQueries queries;
  private final ImageFilesystems filesystems;

  /** {@code bound} is the deadline of calls whose caller sets none. */
  public ImageEndpoint(
      Duration bound,
      CallFigures figures,
      PullImage pull,
      RemoveImage remove,
      ImageQueries queries,
      ImageFilesystems filesystems) {
    this.calls = new CallRunner(bound, figures);
    this.pull = pull;
    this.remove = remove;
    this.queries = queries;
    this.filesystems = filesystems;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return EncodedMethods.over(
        ImageServiceGrpc.bindService(this),
        List.of(
            EncodedMethods.unary(ImageServiceGrpc.getListImagesMethod(), this::list),
            EncodedMethods.streaming(ImageServiceGrpc.getStreamImagesMethod(), this::stream)));
  }

  private void list(ListImagesRequest request, StreamObserver<Encoded> caller) {
    calls.read("ListImages", "", caller, deadline -> queries.list(request, deadline));
  }

  private void stream(StreamImagesRequest request, StreamObserver<Encoded> caller) {
    var list = ListImagesRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList("StreamImages", caller, deadline -> queries.list(list, deadline));
  }

  @Override
  public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> caller) {
    String image = request.getImage().getImage();
    calls.read("ImageStatus", image, caller, deadline -> queries.status(request, deadline));
  }

  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> caller) {
    calls.change(
        "PullImage",
        request.getImage().getImage(),
        PULL_BOUND,
        caller,
        deadline -> pull.handle(request, deadline),
        PullImageResponse::getImageRef);
  }

  @Override
  public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> caller) {
    String image = request.getImage().getImage();
    calls.change("RemoveImage", image, caller, deadline -> remove.handle(request, deadline));
  }

  @Override
  public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> caller) {
    calls.read("ImageFsInfo", "", caller, filesystems::info);
  }
}
