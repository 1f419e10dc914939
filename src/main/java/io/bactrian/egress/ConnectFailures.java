package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;

/** Turns what Netty says of a connection that could not be made into the failures that Bactrian knows. */
final class ConnectFailures {
    private ConnectFailures() {}

    static EgressFailedException of(Throwable failure, ProxyTarget target) {
        String host = target.host();
        return switch (failure) {
            case ConnectTimeoutException late ->
                new EgressFailedException(Reason.TIMEOUT, "The host " + host + " did not answer in time.", late);
            case NoRouteToHostException noRoute ->
                new EgressFailedException(Reason.CONNECTION_REFUSED, "No way leads to " + host + ".", noRoute);
            case ConnectException refused ->
                new EgressFailedException(
                        Reason.CONNECTION_REFUSED,
                        "The host " + host + " refuses connections on port " + target.port() + ".",
                        refused);
            default -> reset(target, failure);
        };
    }

    static EgressFailedException reset(ProxyTarget target, Throwable cause) {
        return new EgressFailedException(
                Reason.CONNECTION_RESET,
                "The connection to " + target.host() + " was closed before the whole answer had arrived.",
                cause);
    }

    /** @param why a clause such as {@code "it asks for other credentials"} */
    static EgressFailedException ofUpstream(UpstreamProxy upstream, String why, Throwable cause) {
        return new EgressFailedException(
                Reason.PROXY_UNAVAILABLE, "The proxy " + upstream.address() + " cannot be used: " + why + ".", cause);
    }

    static EgressFailedException beyond(UpstreamProxy upstream, Reason reason, ProxyTarget target, Throwable cause) {
        return new EgressFailedException(
                reason,
                "The proxy " + upstream.address() + " could not connect to " + target.host() + " on port "
                        + target.port() + ".",
                cause);
    }
}
