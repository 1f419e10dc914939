package io.bactrian.egress;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.littleshoot.proxy.HttpFilters;
import org.littleshoot.proxy.HttpFiltersSourceAdapter;
import org.littleshoot.proxy.HttpProxyServer;
import org.littleshoot.proxy.impl.DefaultHttpProxyServer;
import org.littleshoot.proxy.impl.ServerGroup;

/**
 * An HTTP proxy on loopback that lets through only what the guard allows, for clients that make their own connections, such
 * as a browser.
 *
 * <p>Each {@link Listener} is one port. What its clients ask for, by absolute URL or by {@code CONNECT}, is checked by the
 * {@link EgressGuard}, and the connection is made to the checked address, directly or through an {@link UpstreamProxy}. A
 * request that is refused gets 403, one whose target can't be reached 502 or 504, and one that is not addressed to a proxy
 * 400. Nothing is added to what passes.
 *
 * <p>Nothing is started before the first listener is opened, and all listeners share a few threads. Safe for use by many
 * threads.
 */
public final class ForwardingProxy implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int MOST_CLIENTS = 1024;
    private static final int LONGEST_REQUEST_LINE = 20 * 1024;
    private static final int LARGEST_HEADER = 128 * 1024;
    private static final int LARGEST_CHUNK = 16 * 1024;

    /** No page waits longer for a silent connection. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

    private final EgressGuard guard;
    private final EgressGuard operatorGuard;
    private final EgressProperties properties;
    private final SSLContext tls;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final Cache<InetAddress, Boolean> unreachable = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();
    private final Cache<UpstreamProxy, Long> passes =
            Caffeine.newBuilder().maximumSize(1000).build();

    private @Nullable ServerGroup threads;
    private boolean closed;

    public ForwardingProxy(EgressGuard guard, EgressProperties properties) {
        this(guard, properties, defaultTls());
    }

    ForwardingProxy(EgressGuard guard, EgressProperties properties, SSLContext tls) {
        this.guard = guard;
        this.operatorGuard = new EgressGuard(AddressPolicy.everywhere(), properties.resolveTimeout());
        this.properties = properties;
        this.tls = tls;
    }

    private static SSLContext defaultTls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException broken) {
            throw new IllegalStateException("This Java has no TLS.", broken);
        }
    }

    /** Opens another listening port on 127.0.0.1, which the system chooses. */
    public Listener open() {
        Listener listener = new Listener(threads());
        listeners.add(listener);
        return listener;
    }

    private synchronized ServerGroup threads() {
        if (closed) {
            throw new IllegalStateException("The forwarding proxy is closed.");
        }
        if (threads == null) {
            threads = new ServerGroup("egress-proxy", 1, THREADS, THREADS, false);
        }
        return threads;
    }

    SSLContext tls() {
        return tls;
    }

    long connectTimeoutMillis() {
        return properties.connectTimeout().toMillis();
    }

    /** Of several addresses of a host, another one is tried the next time. */
    void couldNotReach(InetAddress address) {
        unreachable.put(address, true);
    }

    void passed(UpstreamProxy upstream) {
        passes.put(upstream, System.nanoTime());
    }

    boolean passedSince(UpstreamProxy upstream, long nanoTime) {
        @Nullable Long last = passes.getIfPresent(upstream);
        return last != null && last - nanoTime > 0;
    }

    private InetAddress best(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address -> unreachable.getIfPresent(address) == null)
                .findFirst()
                .orElse(addresses.getFirst());
    }

    /** Closes all listeners and ends their threads. */
    @Override
    public void close() {
        listeners.forEach(Listener::close);
        synchronized (this) {
            closed = true;
            if (threads != null) {
                threads.shutdown(false);
            }
        }
        operatorGuard.close();
    }

    /** One port of the proxy, with a journal of what failed on it. */
    public final class Listener implements AutoCloseable {
        final ProxyJournal journal = new ProxyJournal();

        private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        private final HttpProxyServer server;
        private volatile @Nullable UpstreamProxy upstream;

        private Listener(ServerGroup shared) {
            server = DefaultHttpProxyServer.bootstrap()
                    .withName("egress-proxy")
                    .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .withServerGroup(new ListenerThreads(
                            shared, () -> new RequestGate(this), () -> new OutgoingConnection(ForwardingProxy.this)))
                    .withFiltersSource(new Filters())
                    .withServerResolver((host, port) -> {
                        throw new UnknownHostException("Names are resolved by the guard alone.");
                    })
                    .withTransparent(true)
                    .withProxyAlias("bactrian")
                    .withAllowRequestToOriginServer(false)
                    .withConnectTimeout((int) connectTimeoutMillis())
                    .withIdleConnectionTimeout(LONGEST_SILENCE)
                    .withMaxInitialLineLength(LONGEST_REQUEST_LINE)
                    .withMaxHeaderSize(LARGEST_HEADER)
                    .withMaxChunkSize(LARGEST_CHUNK)
                    .start();
        }

        /** The port on 127.0.0.1. */
        public int port() {
            return server.getListenAddress().getPort();
        }

        /**
         * Says how connections leave from now on. If that is another way than before, the open ones are closed, so that
         * nothing more takes the old way.
         *
         * @param upstream the proxy that they leave through, or null for none
         */
        public void via(@Nullable UpstreamProxy upstream) {
            boolean same = upstream == null ? this.upstream == null : upstream.equals(this.upstream);
            this.upstream = upstream;
            if (!same) {
                clients.close().awaitUninterruptibly();
            }
        }

        /**
         * Forgets what was recorded, and counts bytes from the network anew.
         *
         * @param mostBytes how many may come, tunnels included
         * @param tooMany called once when there are more, by a network thread, which it must not hold up
         */
        public void begin(long mostBytes, Runnable tooMany) {
            journal.begin(mostBytes, tooMany);
        }

        /**
         * Why the last connection to a host and port failed since {@link #begin}: an {@link EgressRefusedException}, an
         * {@link EgressFailedException}, or null where none did. At most 1,000 targets are remembered.
         *
         * @param host as in a URL, an IPv6 address with its brackets or without
         */
        public @Nullable RuntimeException failure(String host, int port) {
            return journal.failure(ProxyTarget.of(host, port));
        }

        /** The upstream that could not be used since {@link #begin}, or null. */
        public @Nullable UpstreamProxy failedUpstream() {
            return journal.failedUpstream();
        }

        /** Closes the port and all its connections. */
        @Override
        public void close() {
            if (listeners.remove(this)) {
                server.abort();
            }
        }

        void admit(Channel client) {
            clients.add(client);
            if (clients.size() > MOST_CLIENTS) {
                client.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            }
        }

        /**
         * The way to a target; may wait for a name server.
         *
         * @throws EgressRefusedException if the guard refuses the target
         * @throws EgressFailedException if the target or the upstream does not resolve
         */
        CheckedRoute route(RequestGate gate, ProxyTarget target) {
            List<InetAddress> addresses = guard.check(target.host(), target.port(), resolveDeadline());
            @Nullable UpstreamProxy proxy = upstream;
            return new CheckedRoute(gate, target, best(addresses), proxy, proxy == null ? null : address(proxy));
        }

        private InetSocketAddress address(UpstreamProxy proxy) {
            try {
                return new InetSocketAddress(
                        best(operatorGuard.check(proxy.host(), proxy.port(), resolveDeadline())), proxy.port());
            } catch (EgressFailedException unknown) {
                journal.failed(proxy);
                throw ConnectFailures.ofUpstream(proxy, "its name does not resolve", unknown);
            }
        }

        private Deadline resolveDeadline() {
            // Longer than the guard waits, so that a name server's silence counts as that.
            return Deadline.in(properties.resolveTimeout().multipliedBy(2));
        }
    }

    /** Finds the exchange that the gate has let through. */
    private static final class Filters extends HttpFiltersSourceAdapter {
        @Override
        public @Nullable HttpFilters filterRequest(HttpRequest request, @Nullable ChannelHandlerContext ctx) {
            @Nullable
            ProxyExchange exchange = ctx == null
                    ? null
                    : ctx.channel().attr(ProxyExchange.CURRENT).get();
            return exchange == null || ctx == null ? null : new ProxyFilters(request, ctx, exchange);
        }
    }
}
