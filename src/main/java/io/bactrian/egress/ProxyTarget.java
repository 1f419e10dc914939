package io.bactrian.egress;

import java.util.Locale;

/**
 * Where a client of the forwarding proxy wants to go.
 *
 * @param host canonical, an IPv6 address without brackets; for a target that is refused for its spelling, that spelling
 */
record ProxyTarget(String host, int port) {
    /** The target of a {@code CONNECT}, or of a question about one. */
    static ProxyTarget of(String host, int port) {
        try {
            return new ProxyTarget(EgressGuard.canonical(host), port);
        } catch (EgressRefusedException unacceptable) {
            return new ProxyTarget(host.toLowerCase(Locale.ROOT), port);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
