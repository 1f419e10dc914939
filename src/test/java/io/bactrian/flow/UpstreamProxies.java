package io.bactrian.flow;

import io.bactrian.origin.LocalProxy;

/** The proxies of the running service's pool {@code both}, of which {@code first} has one; that of {@code dead} does not run. */
record UpstreamProxies(LocalProxy http, LocalProxy socks5) implements AutoCloseable {
    @Override
    public void close() {
        http.close();
        socks5.close();
    }
}
