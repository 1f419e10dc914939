package io.bactrian.egress;

import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** Builds the HTTP clients behind {@link EgressClient}: bare ones, without cookies, redirects, retries or credentials. */
final class HttpClients5 {
    private static final int LONGEST_HEADER_LINE = 32 * 1024;
    private static final int MOST_HEADERS = 200;

    /** No exchange lasts longer, so a socket that was silent this long was forgotten by its deadline. */
    private static final Timeout LONGEST_SILENCE = Timeout.ofMinutes(10);

    private HttpClients5() {}

    /** A client that keeps connections open for later requests. */
    static CloseableHttpClient pooled(EgressGuard guard, EgressProperties properties) {
        return builder(guard, properties)
                .evictIdleConnections(TimeValue.of(properties.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .build();
    }

    /** A client that makes a new connection for each request. */
    static CloseableHttpClient unpooled(EgressGuard guard, EgressProperties properties) {
        return builder(guard, properties)
                .setConnectionReuseStrategy((request, response, context) -> false)
                .build();
    }

    private static HttpClientBuilder builder(EgressGuard guard, EgressProperties properties) {
        RequestConfig requests = RequestConfig.custom()
                .setAuthenticationEnabled(false)
                .setContentCompressionEnabled(false)
                .setExpectContinueEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .setRedirectsEnabled(false)
                .setConnectionRequestTimeout(LONGEST_SILENCE)
                .build();
        return HttpClientBuilder.create()
                .setConnectionManager(connections(guard, properties))
                .setDefaultRequestConfig(requests)
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableDefaultUserAgent()
                .disableRedirectHandling();
    }

    private static PoolingHttpClientConnectionManager connections(EgressGuard guard, EgressProperties properties) {
        Http1Config http1 = Http1Config.custom()
                .setMaxLineLength(LONGEST_HEADER_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(http1)
                        .build())
                .setDnsResolver(new CheckedAddresses(guard, properties))
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
        public InetAddress[] resolve(String host) {
            return guard.addresses(host, Deadline.in(properties.resolveTimeout()))
                    .toArray(InetAddress[]::new);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
