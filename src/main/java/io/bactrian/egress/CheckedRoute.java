package io.bactrian.egress;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * An address that the guard has checked, as the permission to connect to it: the forwarding proxy connects to nothing else.
 */
final class CheckedRoute extends InetSocketAddress {
    private static final long serialVersionUID = 1L;

    final transient RequestGate gate;
    final transient ProxyTarget target;
    final transient @Nullable UpstreamProxy upstream;
    final transient @Nullable InetSocketAddress upstreamAddress;

    /** @param upstreamAddress where the upstream listens, resolved; null without an upstream */
    CheckedRoute(
            RequestGate gate,
            ProxyTarget target,
            InetAddress address,
            @Nullable UpstreamProxy upstream,
            @Nullable InetSocketAddress upstreamAddress) {
        super(withoutName(address), target.port());
        this.gate = gate;
        this.target = target;
        this.upstream = upstream;
        this.upstreamAddress = upstreamAddress;
    }

    /** An upstream is told the host string of what it is to connect to, and that must be the address. */
    private static InetAddress withoutName(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }
}
