package dev.longshore.network;

import java.util.List;

/** A pod's IP addresses without prefix lengths, the primary one first, in the plugin's order. */
public record PodAddresses(List<String> addresses) {
  public PodAddresses {
    addresses = List.copyOf(addresses);
  }
}
