package dev.longshore.rpc;

import dev.longshore.cri.v1.ImageServiceGrpc;

public final class ImageEndpoint extends ImageServiceGrpc.ImageServiceImplBase {}
