package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The network end of one connection of the forwarding proxy: connects to checked routes alone, through their upstream where
 * they have one, counts what comes, and reports what fails.
 *
 * <p>LittleProxy takes the connection for a direct one, and for made only when the upstream has opened its tunnel.
 */
final class OutgoingConnection extends ChannelDuplexHandler {
    /** What LittleProxy calls its own handler of answers. */
    private static final String LIBRARY_HANDLER = "handler";

    private final ForwardingProxy proxy;
    private @Nullable CheckedRoute route;
    private boolean established;

    OutgoingConnection(ForwardingProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void connect(
            ChannelHandlerContext ctx, SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise)
            throws Exception {
        if (!(remote instanceof CheckedRoute checked)) {
            promise.setFailure(new EgressRefusedException("An address that was not checked is not connected to."));
            return;
        }
        route = checked;
        ctx.pipeline().addBefore(LIBRARY_HANDLER, "malformed-answers", new MalformedAnswers(checked));
        if (checked.upstream == null) {
            connectDirectly(ctx, checked, local, promise);
        } else {
            connectThrough(ctx, checked, checked.upstream, local, promise);
        }
    }

    private void connectDirectly(
            ChannelHandlerContext ctx, CheckedRoute checked, @Nullable SocketAddress local, ChannelPromise promise)
            throws Exception {
        // A promise of our own, so that the journal knows before anybody else does.
        ChannelPromise connected = ctx.newPromise();
        connected.addListener(result -> {
            if (result.isSuccess()) {
                succeed(checked, promise);
            } else {
                proxy.couldNotReach(checked.getAddress());
                checked.gate.failed(checked.target, ConnectFailures.of(result.cause(), checked.target));
                promise.tryFailure(result.cause());
            }
        });
        super.connect(ctx, checked, local, connected);
    }

    private void connectThrough(
            ChannelHandlerContext ctx,
            CheckedRoute checked,
            UpstreamProxy upstream,
            @Nullable SocketAddress local,
            ChannelPromise promise)
            throws Exception {
        InetSocketAddress address = Objects.requireNonNull(checked.upstreamAddress);
        UpstreamHandshake handshake = new UpstreamHandshake(upstream);
        ProxyHandler tunnel = handshake.handler(address);
        tunnel.setConnectTimeoutMillis(proxy.connectTimeoutMillis());
        ChannelPipeline pipeline = ctx.pipeline();
        if (upstream.protocol() == UpstreamProxy.Protocol.HTTPS) {
            pipeline.addFirst("upstream-tls", new SslHandler(handshake.tls(proxy.tls())));
        }
        pipeline.addBefore(ctx.name(), "upstream", tunnel);
        pipeline.addBefore("upstream", "upstream-handshake", handshake);
        ChannelPromise reached = ctx.newPromise();
        reached.addListener(result -> {
            if (!result.isSuccess()) {
                boolean late = result.cause() instanceof ConnectTimeoutException;
                proxy.couldNotReach(address.getAddress());
                fail(checked, upstream, handshake.failure(result.cause(), checked.target, late, false), promise);
            }
        });
        tunnel.connectFuture().addListener(result -> {
            if (result.isSuccess()) {
                proxy.passed(upstream);
                succeed(checked, promise);
            } else {
                // Netty's ProxyHandler tells a timeout by having no cause for its exception.
                boolean late =
                        result.cause().getCause() == null && ctx.channel().isOpen();
                boolean othersPassed = proxy.passedSince(upstream, handshake.begun());
                fail(checked, upstream, handshake.failure(result.cause(), checked.target, late, othersPassed), promise);
            }
        });
        super.connect(ctx, checked, local, reached);
    }

    private void succeed(CheckedRoute checked, ChannelPromise promise) {
        established = true;
        checked.gate.connected(checked.target);
        promise.trySuccess();
    }

    private static void fail(
            CheckedRoute checked, UpstreamProxy upstream, EgressFailedException why, ChannelPromise promise) {
        if (promise.isDone()) {
            return;
        }
        if (why.reason() == Reason.PROXY_UNAVAILABLE) {
            checked.gate.failed(upstream);
        }
        checked.gate.failed(checked.target, why);
        promise.tryFailure(why);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (route != null && message instanceof ByteBuf bytes) {
            route.gate.received(bytes.readableBytes());
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Before the connection is made, its promise tells all.
        if (established && route != null) {
            route.gate.serverClosed(route.target, cause);
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ctx.fireChannelInactive();
        if (established && route != null) {
            route.gate.serverClosed(route.target, null);
        }
    }

    /** Reports answers that are no HTTP, before LittleProxy puts one of its own in their place. */
    private static final class MalformedAnswers extends ChannelInboundHandlerAdapter {
        private final CheckedRoute route;

        MalformedAnswers(CheckedRoute route) {
            this.route = route;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpResponse response
                    && response.decoderResult().isFailure()) {
                route.gate.failed(route.target, failure(response.decoderResult().cause()));
            }
            ctx.fireChannelRead(message);
        }

        private EgressFailedException failure(Throwable cause) {
            String host = route.target.host();
            boolean tooLong = cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
            return tooLong
                    ? new EgressFailedException(
                            Reason.HEAD_TOO_LARGE,
                            "The header of the answer of " + host + " is larger than the limits.",
                            cause)
                    : new EgressFailedException(
                            Reason.MALFORMED_ANSWER, "What " + host + " answered is not HTTP.", cause);
        }
    }
}
