package dev.longshore.rpc;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.nio.file.Path;

/** A Unix socket on which this process alone may serve, until it is closed. */
public sealed interface ServedSocket extends AutoCloseable permits SocketFile, HandedSocket {
  Path path();

  /** Makes the channel that listens there. */
  ChannelFactory<ServerChannel> channels();

  /** To be called once the channel listens. */
  void bound() throws IOException;

  @Override
  void close();
}
