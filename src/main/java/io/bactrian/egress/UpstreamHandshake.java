package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.socksx.v5.Socks5CommandResponse;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Watches what an upstream proxy answers when it is asked for a tunnel, and says whose fault a refusal is: the proxy's, which
 * another proxy may do better, or the target's.
 */
final class UpstreamHandshake extends ChannelInboundHandlerAdapter {
    private final UpstreamProxy upstream;
    private final long begun = System.nanoTime();
    private @Nullable Integer status;
    private @Nullable Socks5CommandStatus socksStatus;

    UpstreamHandshake(UpstreamProxy upstream) {
        this.upstream = upstream;
    }

    /** When the handshake began, on the clock of {@link System#nanoTime()}. */
    long begun() {
        return begun;
    }

    ProxyHandler handler(InetSocketAddress address) {
        String user = upstream.userOrEmpty();
        String password = upstream.passwordOrEmpty();
        return switch (upstream.protocol()) {
            case HTTP, HTTPS ->
                upstream.hasCredentials()
                        ? new HttpProxyHandler(address, user, password)
                        : new HttpProxyHandler(address);
            case SOCKS5 ->
                upstream.hasCredentials()
                        ? new Socks5ProxyHandler(address, user, password)
                        : new Socks5ProxyHandler(address);
        };
    }

    /** An engine that believes only a certificate for the proxy's own name. */
    SSLEngine tls(SSLContext context) {
        SSLEngine engine = context.createSSLEngine(upstream.host(), upstream.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            status = response.status().code();
        } else if (message instanceof Socks5CommandResponse response) {
            socksStatus = response.status();
        }
        ctx.fireChannelRead(message);
    }

    /**
     * Why there is no tunnel.
     *
     * @param othersPassed whether a tunnel through the same proxy was made while this one was awaited: then silence is the
     *     target's
     */
    EgressFailedException failure(Throwable cause, ProxyTarget target, boolean timedOut, boolean othersPassed) {
        if (status != null) {
            return ofStatus(status, cause, target);
        }
        if (socksStatus != null) {
            Reason reason =
                    Socks5CommandStatus.TTL_EXPIRED.equals(socksStatus) ? Reason.TIMEOUT : Reason.CONNECTION_REFUSED;
            return ConnectFailures.beyond(upstream, reason, target, cause);
        }
        if (timedOut && othersPassed) {
            return ConnectFailures.beyond(upstream, Reason.TIMEOUT, target, cause);
        }
        return ConnectFailures.ofUpstream(upstream, timedOut ? "it does not answer" : why(cause), cause);
    }

    private EgressFailedException ofStatus(int code, Throwable cause, ProxyTarget target) {
        return switch (code) {
            case 401, 407 -> ConnectFailures.ofUpstream(upstream, "it does not accept the credentials", cause);
            case 402, 429 ->
                ConnectFailures.ofUpstream(upstream, "it serves no more for now (HTTP " + code + ")", cause);
            case 504 -> ConnectFailures.beyond(upstream, Reason.TIMEOUT, target, cause);
            default -> ConnectFailures.beyond(upstream, Reason.CONNECTION_REFUSED, target, cause);
        };
    }

    private static String why(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException tls) {
                return "TLS with it failed (" + Excerpt.of(String.valueOf(tls.getMessage())) + ")";
            }
            if (cause instanceof ConnectException) {
                return "it refuses connections";
            }
        }
        return "it did not open a tunnel";
    }
}
