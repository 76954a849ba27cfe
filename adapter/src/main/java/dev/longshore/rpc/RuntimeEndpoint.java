package dev.longshore.rpc;

import dev.longshore.cri.v1.RuntimeServiceGrpc;

public final class RuntimeEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {}
