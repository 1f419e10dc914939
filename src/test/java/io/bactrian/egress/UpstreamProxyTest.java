package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.TestFork;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.LocalProxy;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.SelfSigned;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** Requests through real proxies of each kind, to a site whose name only the guard resolves. */
@Timeout(60)
class UpstreamProxyTest {
    private static final Map<String, LocalProxy> PROXIES = new HashMap<>();
    private static @Nullable SSLContext tls;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final EgressProperties properties = new EgressProperties(
            List.of("site.example"),
            List.of(),
            DataSize.ofMegabytes(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            64,
            64,
            Duration.ofSeconds(30));
    private final EgressGuard guard = new EgressGuard(
            new AddressPolicy(properties.allow(), List.of()), Duration.ofSeconds(5), UpstreamProxyTest::lookup);
    private final ForwardingProxy forwarding = new ForwardingProxy(guard, properties, Objects.requireNonNull(tls));
    private final EgressClient client = new EgressClient(guard, properties, forwarding);

    @BeforeAll
    static void startProxies(@TempDir Path directory) throws Exception {
        SSLContext context = SelfSigned.context(directory);
        tls = context;
        PROXIES.put("http", LocalProxy.http());
        PROXIES.put("https", LocalProxy.https(context));
        PROXIES.put("socks5", LocalProxy.socks5());
    }

    @AfterAll
    static void stopProxies() {
        PROXIES.values().forEach(LocalProxy::close);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        forwarding.close();
        guard.close();
        origin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aPageComesThroughAProxyThatIsToldItsAddressAlone(String kind) {
        origin.on("/", Behaviours.page("<h1>Hello</h1>"));

        EgressResponse response = get(proxy(kind).url(), "/");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).asString().isEqualTo("<h1>Hello</h1>");
        assertThat(response.head().header("Via")).isNull();
        assertThat(origin.requests().getFirst().headers().keySet()).containsExactlyInAnyOrder("Host", "Connection");
        assertThat(origin.requests().getFirst().header("Host")).isEqualTo("site.example:" + origin.port());
        if (!kind.equals("socks5")) {
            String address = "127.0.0.1:" + origin.port();
            assertThat(proxy(kind).targets()).contains(address + " for " + address);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http, 403",
        "http, 407",
        "http, 502",
        "http, 504",
        "https, 407",
        "https, 502",
        "socks5, 407",
        "socks5, 502"
    })
    void theSitesOwnStatusIsNotTakenForTheProxys(String kind, int status) {
        origin.on("/", Behaviours.status(status, "Proxy-Authenticate: Basic realm=\"site\""));

        assertThat(get(proxy(kind).url(), "/").status()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void credentialsThatAreNotAcceptedMakeAProxyUnavailable(String kind) throws IOException {
        String url = proxy(kind).urlWithOtherCredentials();

        assertFails(() -> get(url, "/"), Reason.PROXY_UNAVAILABLE);

        ForwardingProxy.Listener listener = forwarding.open();
        listener.via(UpstreamProxy.parse(url));
        String answer = ProxyClient.get(listener.port(), "http://site.example:" + origin.port() + "/");
        assertThat(answer).startsWith("HTTP/1.1 502").doesNotContain("other");
        assertThat(listener.failedUpstream()).isEqualTo(UpstreamProxy.parse(url));
        assertThat(origin.connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aProxyThatRefusesConnectionsIsUnavailable(String kind) throws IOException {
        assertFails(() -> get(kind + "://127.0.0.1:" + TestFork.freePort(), "/"), Reason.PROXY_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aProxyThatHangsUpIsUnavailable(String kind) {
        try (MisbehavingOrigin dead = MisbehavingOrigin.start().on("site.example", Behaviours.hangUp())) {
            dead.on("127.0.0.1:" + origin.port(), Behaviours.hangUp());
            assertFails(() -> get(kind + "://127.0.0.1:" + dead.port(), "/"), Reason.PROXY_UNAVAILABLE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aProxyThatNeverAnswersIsUnavailable(String kind) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertFails(() -> get(kind + "://127.0.0.1:" + silent.getLocalPort(), "/"), Reason.PROXY_UNAVAILABLE);
        }
    }

    @Test
    void aProxyWhoseCertificateIsNotItsOwnIsUnavailable(@TempDir Path directory) throws Exception {
        try (LocalProxy impostor = LocalProxy.https(SelfSigned.context(directory, "dns:other.example"))) {
            assertFails(() -> get(impostor.url(), "/"), Reason.PROXY_UNAVAILABLE);
            assertThat(impostor.targets()).isEmpty();
        }
    }

    @Test
    void aProxyWithoutAnAddressIsUnavailable() {
        assertFails(() -> get("http://proxy.invalid:3128", "/"), Reason.PROXY_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aSiteThatCannotBeReachedIsNotTheProxysFault(String kind) throws IOException {
        int closed = TestFork.freePort();
        EgressRequest request = EgressRequest.get(HttpUrl.parse("http://site.example:" + closed + "/"))
                .via(UpstreamProxy.parse(proxy(kind).url()))
                .build();

        assertFails(() -> client.execute(request), Reason.CONNECTION_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    void aForbiddenTargetIsNotEvenAskedFor(String kind) {
        int before = proxy(kind).targets().size();
        EgressRequest request = EgressRequest.get(HttpUrl.parse("http://127.0.0.1:" + origin.port() + "/"))
                .via(UpstreamProxy.parse(proxy(kind).url()))
                .build();

        assertThatThrownBy(() -> client.execute(request)).isInstanceOf(EgressRefusedException.class);

        assertThat(proxy(kind).targets()).hasSize(before);
        assertThat(origin.connections()).isZero();
    }

    @Test
    void anAnswerThatBreaksOffInATunnelIsAReset() {
        origin.on("/", Behaviours.truncated());

        assertFails(() -> get(proxy("http").url(), "/"), Reason.CONNECTION_RESET);
    }

    @Test
    void anotherWayOutEndsTheConnectionsOfTheOldOne() throws IOException {
        origin.on("/", Behaviours.page("here"));
        ForwardingProxy.Listener listener = forwarding.open();
        try (ProxyClient kept = new ProxyClient(listener.port())) {
            kept.send("CONNECT site.example:" + origin.port() + " HTTP/1.1\r\n\r\n");
            assertThat(kept.head()).startsWith("HTTP/1.1 200");
            listener.via(UpstreamProxy.parse(proxy("http").url()));
            assertThat(kept.rest()).isEmpty();
        }
        int before = proxy("http").targets().size();

        assertThat(ProxyClient.get(listener.port(), "http://site.example:" + origin.port() + "/"))
                .endsWith("here");
        assertThat(proxy("http").targets()).hasSize(before + 1);
    }

    private EgressResponse get(String proxy, String path) {
        return client.execute(EgressRequest.get(HttpUrl.parse("http://site.example:" + origin.port() + path))
                .via(UpstreamProxy.parse(proxy))
                .build());
    }

    private static LocalProxy proxy(String kind) {
        return Objects.requireNonNull(PROXIES.get(kind));
    }

    private static void assertFails(ThrowingCallable exchange, Reason reason) {
        assertThatThrownBy(exchange)
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failure -> assertThat(failure.reason())
                                .as(String.valueOf(failure.getMessage()))
                                .isEqualTo(reason));
    }

    private static InetAddress[] lookup(String host) throws UnknownHostException {
        if (host.equals("site.example")) {
            return InetAddress.getAllByName("127.0.0.1");
        }
        throw new UnknownHostException(host);
    }
}
