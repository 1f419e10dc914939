package io.bactrian.flow;

import io.bactrian.origin.LocalProxy;

/** The proxies of the running service's pool {@code both}; those of its pool {@code dead} do not run. */
record UpstreamProxies(LocalProxy http, LocalProxy socks5) implements AutoCloseable {
    @Override
    public void close() {
        http.close();
        socks5.close();
    }
}
