package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.littleshoot.proxy.HttpFiltersAdapter;

/** Gives LittleProxy the checked address of a request, and hears from it how the request fares. */
final class ProxyFilters extends HttpFiltersAdapter {
    private final ProxyExchange exchange;

    ProxyFilters(HttpRequest request, ChannelHandlerContext ctx, ProxyExchange exchange) {
        super(request, ctx);
        this.exchange = exchange;
    }

    @Override
    public @Nullable InetSocketAddress proxyToServerResolutionStarted(String hostAndPort) {
        return exchange.route;
    }

    @Override
    public void proxyToServerConnectionStarted() {
        exchange.connecting();
    }

    @Override
    public void proxyToServerRequestSending() {
        exchange.gate.requestIsSent(exchange);
    }

    @Override
    public void serverToProxyResponseTimedOut() {
        exchange.gate.failed(
                exchange.target,
                new EgressFailedException(
                        Reason.TIMEOUT, "The host " + exchange.target.host() + " did not answer in time."));
    }
}
