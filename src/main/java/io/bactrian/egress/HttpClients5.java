package io.bactrian.egress;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo.LayerType;
import org.apache.hc.client5.http.RouteInfo.TunnelType;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** Builds the HTTP clients behind {@link EgressClient}: bare ones, without cookies, redirects, retries or credentials. */
final class HttpClients5 {
    private static final int LONGEST_HEADER_LINE = 32 * 1024;
    private static final int MOST_HEADERS = 200;

    /** No exchange lasts longer, so a socket that was silent this long was forgotten by its deadline. */
    private static final Timeout LONGEST_SILENCE = Timeout.ofMinutes(10);

    private static final String PROXY = "bactrian.proxy";

    private HttpClients5() {}

    /** A client that keeps connections open for later requests. */
    static CloseableHttpClient pooled(EgressGuard guard, EgressProperties properties) {
        return builder(properties, new CheckedAddresses(guard, properties))
                .evictIdleConnections(TimeValue.of(properties.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .build();
    }

    /** A client that makes a new connection for each request. */
    static CloseableHttpClient unpooled(EgressGuard guard, EgressProperties properties) {
        return builder(properties, new CheckedAddresses(guard, properties))
                .setConnectionReuseStrategy((request, response, context) -> false)
                .build();
    }

    /** A client that makes a new tunnel for each request, by the local proxy that {@link #tunnelBy} names. */
    static CloseableHttpClient tunnelled(EgressProperties properties) {
        return builder(properties, new NoAddresses())
                .setConnectionReuseStrategy((request, response, context) -> false)
                .setRoutePlanner(HttpClients5::tunnel)
                .build();
    }

    /** Names the proxy of an exchange: its port on 127.0.0.1. */
    static void tunnelBy(HttpContext context, int port) {
        context.setAttribute(PROXY, new HttpHost("http", InetAddress.getLoopbackAddress(), port));
    }

    private static HttpRoute tunnel(HttpHost target, HttpContext context) {
        boolean secure = target.getSchemeName().equals("https");
        return new HttpRoute(
                RoutingSupport.normalize(target, DefaultSchemePortResolver.INSTANCE),
                null,
                (HttpHost) context.getAttribute(PROXY),
                secure,
                TunnelType.TUNNELLED,
                secure ? LayerType.LAYERED : LayerType.PLAIN);
    }

    private static HttpClientBuilder builder(EgressProperties properties, DnsResolver addresses) {
        RequestConfig requests = RequestConfig.custom()
                .setAuthenticationEnabled(false)
                .setContentCompressionEnabled(false)
                .setExpectContinueEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .setRedirectsEnabled(false)
                .setConnectionRequestTimeout(LONGEST_SILENCE)
                .build();
        return HttpClientBuilder.create()
                .setConnectionManager(connections(properties, addresses))
                .setDefaultRequestConfig(requests)
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableDefaultUserAgent()
                .disableRedirectHandling();
    }

    private static PoolingHttpClientConnectionManager connections(EgressProperties properties, DnsResolver addresses) {
        Http1Config http1 = Http1Config.custom()
                .setMaxLineLength(LONGEST_HEADER_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(http1)
                        .build())
                .setDnsResolver(addresses)
                .setMaxConnTotal(properties.connections())
                .setMaxConnPerRoute(properties.connectionsPerRoute())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(properties.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                        .setSocketTimeout(LONGEST_SILENCE)
                        .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                        .setTimeToLive(TimeValue.ofMinutes(10))
                        .build())
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoTimeout(LONGEST_SILENCE)
                        .build())
                .build();
    }

    /** Lets the client connect only to addresses that the guard has checked. */
    private record CheckedAddresses(EgressGuard guard, EgressProperties properties) implements DnsResolver {
        @Override
        public List<InetSocketAddress> resolve(String host, int port) {
            return guard.addresses(host, port, Deadline.in(properties.resolveTimeout())).stream()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        }

        /** What may be connected to depends on the port. */
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    /** Resolves nothing, for a tunnelled request names a target that only the proxy may resolve. */
    private record NoAddresses() implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
