package dev.longshore.metrics.http;

import dev.longshore.metrics.http.Page.Answer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one connection, one after the other; a client that does not wait for an answer
 * before it asks again is cut off.
 */
final class PageHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(PageHandler.class);

  private final Map<String, Page> pages;
  private final Executor threads;
  private final Semaphore permits;
  // Written by the page's thread once its answer is out, read by the event loop.
  private volatile boolean busy;

  PageHandler(Map<String, Page> pages, Executor threads, Semaphore permits) {
    this.pages = pages;
    this.threads = threads;
    this.permits = permits;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (busy) {
      var _ = context.close();
      return;
    }
    busy = true;
    boolean head = request.method().equals(HttpMethod.HEAD);
    boolean stays = request.decoderResult().isSuccess() && HttpUtil.isKeepAlive(request);
    String accept = request.headers().get(HttpHeaderNames.ACCEPT, "");
    Page page = page(request);
    Response response = new Response(context.channel(), head, stays);
    threads.execute(() -> answer(page, accept, request.uri(), response));
  }

  private Page page(FullHttpRequest request) {
    if (!request.decoderResult().isSuccess()) {
      return refusal(HttpResponseStatus.BAD_REQUEST, "the request is not HTTP, or too large");
    }
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      return refusal(HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD");
    }
    String path = request.uri().split("\\?", 2)[0];
    @Nullable Page known = pages.get(path);
    return known != null
        ? known
        : refusal(
            HttpResponseStatus.NOT_FOUND,
            "no such page; there are "
                + String.join(", ", pages.keySet().stream().sorted().toList()));
  }

  private static Page refusal(HttpResponseStatus status, String why) {
    return _ -> Answer.text(status.code(), why + "\n");
  }

  private void answer(Page page, String accept, String uri, Response response) {
    if (!permits.tryAcquire()) {
      finish(refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, "busy: ask again"), "", uri, response);
      return;
    }
    try {
      finish(page, accept, uri, response);
    } finally {
      permits.release();
    }
  }

  private void finish(Page page, String accept, String uri, Response response) {
    try {
      response.send(page.answer(accept));
      busy = false;
      response.end();
    } catch (IOException | UncheckedIOException e) {
      log.debug("the answer to {} was cut short: {}", uri, e.toString());
      response.cut();
    } catch (InterruptedException e) {
      response.cut();
    } catch (RuntimeException e) {
      log.error("the page {} broke", uri, e);
      breakOff(response);
    }
  }

  private void breakOff(Response response) {
    if (response.begun()) {
      response.cut();
      return;
    }
    try {
      response.send(
          Answer.text(
              HttpResponseStatus.INTERNAL_SERVER_ERROR.code(),
              "this page could not be made; Longshore's log has the details\n"));
      busy = false;
      response.end();
    } catch (IOException e) {
      response.cut();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      var _ = context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a client of metrics failed", cause);
    var _ = context.close();
  }
}
