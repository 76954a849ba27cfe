package dev.longshore.node;

import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.UpdateRuntimeConfigRequest;
import dev.longshore.cri.v1.UpdateRuntimeConfigResponse;
import dev.longshore.network.PodNetworks;

/** UpdateRuntimeConfig: the kubelet tells the node's pod CIDR. Thread-safe. */
public final class UpdateRuntimeConfig {
  private final PodNetworks networks;

  public UpdateRuntimeConfig(PodNetworks networks) {
    this.networks = networks;
  }

  /** A request without a CIDR changes nothing. */
  public UpdateRuntimeConfigResponse handle(UpdateRuntimeConfigRequest request, Deadline deadline) {
    networks.podCidr(request.getRuntimeConfig().getNetworkConfig().getPodCidr());
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
