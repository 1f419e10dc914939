package io.bactrian.egress;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests through upstream proxies, over listeners of the {@link ForwardingProxy}.
 *
 * <p>Each exchange has a listener to itself, so that what its journal says is of this exchange. It is asked for a tunnel even
 * for http pages: what comes out of a tunnel is the site's, whatever its status, and everything else is a proxy's.
 */
final class ProxiedExchanges implements AutoCloseable {
    private static final int IDLE_LISTENERS = 64;

    private final ForwardingProxy proxy;
    private final CloseableHttpClient client;
    private final BlockingQueue<ForwardingProxy.Listener> idle = new LinkedBlockingQueue<>(IDLE_LISTENERS);

    ProxiedExchanges(ForwardingProxy proxy, EgressProperties properties) {
        this.proxy = proxy;
        this.client = HttpClients5.tunnelled(properties);
    }

    /** One exchange, given the client and the context that it is to use. */
    @FunctionalInterface
    interface Exchange {
        EgressResponse send(CloseableHttpClient client, HttpClientContext context);
    }

    /**
     * Sends a request through its upstream.
     *
     * @throws EgressFailedException if no complete answer came, for the reason {@code PROXY_UNAVAILABLE} if for want of the
     *     upstream
     */
    EgressResponse execute(EgressRequest request, Exchange exchange) {
        ForwardingProxy.Listener listener = Objects.requireNonNullElseGet(idle.poll(), proxy::open);
        boolean clean = false;
        try {
            listener.via(request.upstream);
            listener.begin(Long.MAX_VALUE, () -> {});
            HttpClientContext context = HttpClientContext.create();
            HttpClients5.tunnelBy(context, listener.port());
            EgressResponse response = exchange.send(client, context);
            // A refused tunnel may look like an answer of that status.
            @Nullable RuntimeException refusal = failure(listener, request);
            if (refusal != null) {
                throw refusal;
            }
            clean = true;
            return response;
        } catch (EgressFailedException failure) {
            @Nullable RuntimeException refusal = failure(listener, request);
            if (refusal == null || refusal.equals(failure)) {
                throw failure;
            }
            throw refusal;
        } finally {
            // After a failure something may still be under way that the next exchange would take for its own.
            if (!clean || !idle.offer(listener)) {
                listener.close();
            }
        }
    }

    private static @Nullable RuntimeException failure(ForwardingProxy.Listener listener, EgressRequest request) {
        return listener.failure(request.url.host(), request.url.port());
    }

    @Override
    public void close() throws IOException {
        try (client) {
            idle.forEach(ForwardingProxy.Listener::close);
        }
    }
}
