package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before LittleProxy on one client's connection, and lets a request through when its target has been checked.
 *
 * <p>The check may wait for a name server, so it runs on a thread of its own while the connection is not read from. The body
 * of a request is held back until its connection is made, because LittleProxy would wait for that on a network thread. Every
 * failure on this side of an origin is answered here, and with the end of the connection.
 *
 * <p>All fields belong to the network thread of the connection.
 */
final class RequestGate extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RequestGate.class);
    private static final int MOST_WAITING = 1024;

    /** What LittleProxy calls its encoder of answers. */
    private static final String LIBRARY_ENCODER = "encoder";

    private enum State {
        /** The next request is awaited. */
        IDLE,
        /** The target is being checked. */
        CHECKING,
        /** The request is LittleProxy's, and its connection is being made. */
        CONNECTING,
        /** The body of the request and its answer pass. */
        FLOWING,
        /** All that comes passes unread, or will as soon as the tunnel is made. */
        TUNNEL,
        /** The last answer is given, nothing passes any more. */
        CLOSED
    }

    private final ForwardingProxy.Listener listener;
    private final Deque<Object> waiting = new ArrayDeque<>();
    private final Deque<Object> firstFrames = new ArrayDeque<>();
    private State state = State.IDLE;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ProxyExchange exchange;
    private boolean requestComplete;
    private boolean answerBegun;
    private boolean answerInformational;
    private boolean answerComplete;

    RequestGate(ForwardingProxy.Listener listener) {
        this.listener = listener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        listener.admit(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        state = State.CLOSED;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        firstFrames.forEach(ReferenceCountUtil::release);
        firstFrames.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        state = State.CLOSED;
        super.channelInactive(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (waiting.isEmpty() && accepts(message)) {
            pass(ctx, message);
        } else if (waiting.size() < MOST_WAITING) {
            waiting.add(message);
        } else {
            ReferenceCountUtil.release(message);
            close(ctx);
        }
    }

    private boolean accepts(Object message) {
        return switch (state) {
            case CHECKING, CONNECTING -> false;
            case FLOWING -> !(message instanceof HttpRequest);
            case IDLE, TUNNEL, CLOSED -> true;
        };
    }

    private void pass(ChannelHandlerContext ctx, Object message) {
        if (state == State.IDLE && message instanceof HttpRequest request) {
            examine(ctx, request);
        } else if (state == State.CLOSED || (state != State.FLOWING && message instanceof HttpObject)) {
            // The rest of a request that has been answered, or the empty body of a CONNECT.
            ReferenceCountUtil.release(message);
        } else {
            boolean last = message instanceof LastHttpContent;
            ctx.fireChannelRead(message);
            if (last) {
                requestComplete = true;
                endIfComplete(ctx);
            }
        }
    }

    private void passWaiting(ChannelHandlerContext ctx) {
        while (!waiting.isEmpty() && accepts(waiting.element())) {
            pass(ctx, waiting.remove());
        }
    }

    private void examine(ChannelHandlerContext ctx, HttpRequest request) {
        @Nullable RequestTarget asked;
        try {
            asked = RequestTarget.of(request);
        } catch (EgressRefusedException refused) {
            listener.journal.failed(RequestTarget.spelled(request), refused);
            answer(ctx, refused);
            return;
        }
        if (asked == null) {
            answer(
                    ctx,
                    HttpResponseStatus.BAD_REQUEST,
                    "This is a proxy: ask it by CONNECT or with an absolute http URL.");
            return;
        }
        state = State.CHECKING;
        ctx.channel().config().setAutoRead(false);
        RequestTarget target = asked;
        Thread.startVirtualThread(() -> {
            Runnable next = checked(ctx, request, target);
            try {
                ctx.executor().execute(next);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("The proxy stopped while a target was checked", stopping);
            }
        });
    }

    private Runnable checked(ChannelHandlerContext ctx, HttpRequest request, RequestTarget asked) {
        try {
            CheckedRoute route = listener.route(this, asked.target());
            return () -> letThrough(ctx, request, asked, route);
        } catch (EgressRefusedException | EgressFailedException refused) {
            listener.journal.failed(asked.target(), refused);
            return () -> answer(ctx, refused);
        } catch (RuntimeException defect) {
            LOG.error("The target {} could not be checked", asked.target(), defect);
            return () -> close(ctx);
        }
    }

    private void letThrough(ChannelHandlerContext ctx, HttpRequest request, RequestTarget asked, CheckedRoute route) {
        if (state != State.CHECKING) {
            return;
        }
        ProxyExchange current = new ProxyExchange(this, asked.target(), route);
        exchange = current;
        requestComplete = false;
        answerBegun = false;
        answerInformational = false;
        answerComplete = false;
        ctx.channel().attr(ProxyExchange.CURRENT).set(current);
        ctx.channel().config().setAutoRead(true);
        asked.rewrite(request);
        state = asked.isTunnel() ? State.TUNNEL : State.CONNECTING;
        ctx.fireChannelRead(request);
        if (state == State.CONNECTING && !current.isConnecting()) {
            state = State.FLOWING;
        }
        passWaiting(ctx);
    }

    /** The request is on its way, so its body may follow. Called by any thread. */
    void requestIsSent(ProxyExchange sent) {
        onNetworkThread(ctx -> {
            if (exchange == sent && state == State.CONNECTING) {
                state = State.FLOWING;
                passWaiting(ctx);
            }
        });
    }

    /** A connection to a target is there. Called by any thread. */
    void connected(ProxyTarget target) {
        listener.journal.connected(target);
    }

    void received(int bytes) {
        listener.journal.received(bytes);
    }

    /** A target can't be reached, or does not answer as it should. Called by any thread, before LittleProxy hears of it. */
    void failed(ProxyTarget target, EgressFailedException why) {
        listener.journal.failed(target, why);
        onNetworkThread(ctx -> {
            @Nullable ProxyExchange current = exchange;
            if (current != null && current.target.equals(target) && state != State.IDLE) {
                end(ctx, why);
            }
        });
    }

    void failed(UpstreamProxy upstream) {
        listener.journal.failed(upstream);
    }

    /** A connection to a target was closed by it; called by any thread, after LittleProxy has heard of it. */
    void serverClosed(ProxyTarget target, @Nullable Throwable cause) {
        onNetworkThread(ctx -> {
            @Nullable ProxyExchange current = exchange;
            if (current == null || !current.target.equals(target)) {
                return;
            }
            if (state == State.TUNNEL && answerBegun) {
                // LittleProxy overlooks this while it is still making the tunnel.
                state = State.CLOSED;
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            } else if (state == State.TUNNEL || (state == State.FLOWING && !answerComplete)) {
                EgressFailedException why = new EgressFailedException(
                        Reason.CONNECTION_RESET,
                        "The connection to " + target.host() + " was closed before the whole answer had arrived.");
                if (cause != null) {
                    why.addSuppressed(cause);
                }
                listener.journal.failed(target, why);
                end(ctx, why);
            }
        });
    }

    private void end(ChannelHandlerContext ctx, RuntimeException why) {
        if (answerBegun) {
            close(ctx);
        } else {
            answer(ctx, why);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (!(message instanceof HttpObject)) {
            if (state == State.FLOWING && message instanceof ByteBuf bytes && bytes.isReadable()) {
                // LittleProxy writes what came right behind the answer that switches protocols before that answer.
                firstFrames.add(message);
                promise.trySuccess();
            } else {
                super.write(ctx, message, promise);
            }
        } else if (state == State.CLOSED) {
            // What LittleProxy says of a failure that has been answered.
            ReferenceCountUtil.release(message);
            promise.trySuccess();
        } else {
            boolean last = message instanceof LastHttpContent;
            if (message instanceof HttpResponse response) {
                begin(response);
            }
            super.write(ctx, message, promise);
            passFirstFrames(ctx);
            if (last && state == State.FLOWING) {
                answerComplete = !answerInformational;
                answerInformational = false;
                endIfComplete(ctx);
            }
        }
    }

    private void passFirstFrames(ChannelHandlerContext ctx) throws Exception {
        @Nullable ChannelHandlerContext encoder = ctx.pipeline().context(LIBRARY_ENCODER);
        while (state == State.TUNNEL && !firstFrames.isEmpty()) {
            super.write(encoder == null ? ctx : encoder, firstFrames.remove(), ctx.newPromise());
        }
    }

    private void begin(HttpResponse response) {
        int status = response.status().code();
        if (state == State.TUNNEL) {
            response.headers().remove(HttpHeaderNames.VIA);
        } else if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
            state = State.TUNNEL;
        }
        answerInformational = status / 100 == 1 && state != State.TUNNEL;
        answerBegun |= !answerInformational;
    }

    private void endIfComplete(ChannelHandlerContext ctx) {
        if (state == State.FLOWING && requestComplete && answerComplete) {
            state = State.IDLE;
            exchange = null;
            passWaiting(ctx);
        }
    }

    private void answer(ChannelHandlerContext ctx, RuntimeException why) {
        HttpResponseStatus status = switch (why) {
            case EgressFailedException failed ->
                failed.reason() == Reason.TIMEOUT ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY;
            default -> HttpResponseStatus.FORBIDDEN;
        };
        answer(ctx, status, String.valueOf(why.getMessage()));
    }

    private void answer(ChannelHandlerContext ctx, HttpResponseStatus status, String text) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, ByteBufUtil.writeUtf8(ctx.alloc(), text + "\n"));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private void close(ChannelHandlerContext ctx) {
        state = State.CLOSED;
        ctx.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private void onNetworkThread(Consumer<ChannelHandlerContext> action) {
        @Nullable ChannelHandlerContext ctx = context;
        if (ctx != null && !ctx.executor().isShuttingDown()) {
            ctx.executor().execute(() -> {
                if (state != State.CLOSED) {
                    action.accept(ctx);
                }
            });
        }
    }
}
