package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one HTTP request of a client, {@code /exec/token} and the like: redeems the token, and turns
 * the connection into what the client asks for. A token is used up even when the client and this
 * server have no protocol in common.
 */
final class Front extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(Front.class);
  private static final Pattern PATH =
      Pattern.compile("/(exec|attach|portforward)/([A-Za-z0-9_-]{1,64})(?:\\?.*)?");
  private static final String OFFERED = "X-Stream-Protocol-Version";
  private static final String ACCEPTED = "X-Accepted-Stream-Protocol-Versions";

  private final Tokens tokens;
  private final Upgrades upgrades;
  private final StreamFigures figures;
  private final Duration patience;
  private @Nullable Future<?> cut;

  /** {@code patience} bounds how long a client may take to ask. */
  Front(Tokens tokens, Upgrades upgrades, StreamFigures figures, Duration patience) {
    this.tokens = tokens;
    this.upgrades = upgrades;
    this.figures = figures;
    this.patience = patience;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    cut =
        context
            .executor()
            .schedule(
                () -> {
                  var _ = context.close();
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (cut != null) {
      cut.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Matcher path = PATH.matcher(request.uri());
    if (!request.decoderResult().isSuccess()) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "the request is not HTTP, or too large");
    } else if (!path.matches()) {
      refuse(context, HttpResponseStatus.NOT_FOUND, "no such path");
    } else if (!request.method().equals(HttpMethod.GET)
        && !request.method().equals(HttpMethod.POST)) {
      refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and POST");
    } else {
      tokens
          .redeem(path.group(2))
          .filter(found -> found.route().equals(path.group(1)))
          .ifPresentOrElse(
              target -> upgrade(context, request, target),
              () ->
                  refuse(
                      context,
                      HttpResponseStatus.NOT_FOUND,
                      "the URL is unknown, was used, or is older than a minute"));
    }
  }

  private void upgrade(ChannelHandlerContext context, FullHttpRequest request, Target target) {
    figures.came(target);
    String kind = request.headers().get(HttpHeaderNames.UPGRADE, "");
    boolean asks =
        request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE, true);
    if (asks && kind.equalsIgnoreCase("SPDY/3.1")) {
      spdy(context, request, target);
    } else if (asks && kind.equalsIgnoreCase("websocket")) {
      webSocket(context, request, target);
    } else {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the request must ask for an upgrade to SPDY/3.1 or websocket");
    }
  }

  private void spdy(ChannelHandlerContext context, FullHttpRequest request, Target target) {
    List<String> offered = words(request.headers(), OFFERED);
    List<String> known =
        target instanceof Target.PortForward
            ? List.of(SpdyProtocol.PORT_FORWARD)
            : Stream.of(SpdyProtocol.values()).map(SpdyProtocol::text).toList();
    Optional<String> chosen = known.stream().filter(offered::contains).findFirst();
    if (offered.isEmpty()) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "the header " + OFFERED + " is missing");
    } else if (chosen.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "no protocol in common: offered %s, known %s".formatted(offered, known),
          new DefaultHttpHeaders().add(ACCEPTED, known));
    } else {
      FullHttpResponse answer =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
      answer
          .headers()
          .set(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE)
          .set(HttpHeaderNames.UPGRADE, "SPDY/3.1")
          .set(OFFERED, chosen.get());
      var _ = context.writeAndFlush(answer);
      upgrades.spdy(context.pipeline(), target, chosen.get());
    }
  }

  private void webSocket(ChannelHandlerContext context, FullHttpRequest request, Target target) {
    if (!request.method().equals(HttpMethod.GET)
        || !request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        || !request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", true)) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "this is no handshake of WebSocket 13");
      return;
    }
    List<String> offered = words(request.headers(), HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    switch (target) {
      case Target.PortForward forward when offered.contains(WebSocketProtocol.TUNNEL) ->
          upgrades.tunnel(context.channel(), request, forward);
      case Target.PortForward forward -> forwardChannels(context, request, forward, offered);
      case Target.Terminal terminal ->
          WebSocketProtocol.choose(offered)
              .ifPresentOrElse(
                  protocol -> upgrades.channels(context.channel(), request, terminal, protocol),
                  () ->
                      refuse(
                          context,
                          HttpResponseStatus.FORBIDDEN,
                          "no protocol in common: offered " + offered));
    }
  }

  /** The ports are those of the RPC; where that named none, the client does. */
  private void forwardChannels(
      ChannelHandlerContext context,
      FullHttpRequest request,
      Target.PortForward target,
      List<String> offered) {
    Optional<WebSocketProtocol> protocol = WebSocketProtocol.chooseForward(offered);
    Optional<List<Integer>> ports =
        target.ports().isEmpty() ? ports(request.uri()) : Optional.of(target.ports());
    if (protocol.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "no protocol in common: offered %s, known %s, %s and %s"
              .formatted(
                  offered,
                  WebSocketProtocol.TUNNEL,
                  WebSocketProtocol.V4.text(),
                  WebSocketProtocol.V4_BASE64.text()));
    } else if (ports.isEmpty()
        || ports.get().isEmpty()
        || ports.get().size() > ForwardChannels.MOST_PORTS) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the ports must be named, as port=80&port=443: at least one, at most "
              + ForwardChannels.MOST_PORTS);
    } else {
      upgrades.channels(context.channel(), request, target.withPorts(ports.get()), protocol.get());
    }
  }

  /** Those of the query; empty when one of them is no port. */
  private static Optional<List<Integer>> ports(String uri) {
    List<Integer> ports =
        new QueryStringDecoder(uri)
            .parameters().getOrDefault("port", List.of()).stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(Forwards::port)
                .toList();
    return ports.contains(0) ? Optional.empty() : Optional.of(ports);
  }

  private static List<String> words(HttpHeaders headers, CharSequence name) {
    return headers.getAll(name).stream()
        .flatMap(value -> Stream.of(value.split(",", -1)))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
    refuse(context, status, why, EmptyHttpHeaders.INSTANCE);
  }

  private static void refuse(
      ChannelHandlerContext context, HttpResponseStatus status, String why, HttpHeaders more) {
    log.debug("a client was refused: {} {}", status.code(), why);
    FullHttpResponse answer = refusal(status, why);
    answer.headers().add(more);
    var _ = context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  private static FullHttpResponse refusal(HttpResponseStatus status, String why) {
    ByteBuf text = Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8);
    FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, text);
    answer
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    return answer;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a client's request failed", cause);
    var _ = context.close();
  }
}
