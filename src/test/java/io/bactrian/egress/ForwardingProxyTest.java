package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestFork;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.ForwardingProxy.Listener;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class ForwardingProxyTest {
    private static final String SITE = "site.example";

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final CountDownLatch slowLookup = new CountDownLatch(1);
    private final EgressProperties properties = new EgressProperties(
            List.of("127.0.0.1", SITE),
            List.of(),
            DataSize.ofMegabytes(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            64,
            64,
            Duration.ofSeconds(30));
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), Duration.ofSeconds(20), this::lookup);
    private final ForwardingProxy proxy = new ForwardingProxy(guard, properties);
    private final Listener listener = proxy.open();

    @AfterEach
    void close() {
        slowLookup.countDown();
        proxy.close();
        guard.close();
        origin.close();
    }

    @Test
    void aPagePassesWithoutATraceOfTheProxy() throws IOException {
        origin.on("/a", Behaviours.page("<h1>Hello</h1>"));

        String answer = ProxyClient.ask(
                listener.port(),
                "GET " + origin.url("/a?b=c") + " HTTP/1.1\r\nHost: internal\r\nX-Mine: yes\r\nConnection: close\r\n"
                        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK")
                .endsWith("<h1>Hello</h1>")
                .doesNotContainIgnoringCase("via:");
        assertThat(origin.requests()).hasSize(1);
        assertThat(origin.requests().getFirst().target()).isEqualTo("/a?b=c");
        assertThat(origin.requests().getFirst().headers().keySet())
                .containsExactlyInAnyOrder("Host", "X-Mine", "Connection");
        assertThat(origin.requests().getFirst().header("Host")).isEqualTo("127.0.0.1:" + origin.port());
        assertThat(listener.failure("127.0.0.1", origin.port())).isNull();
    }

    @Test
    void aConnectionIsKeptForTheNextRequests() throws IOException {
        origin.on("/a", Behaviours.page("first")).on("/b", Behaviours.chunked("second"));
        try (ProxyClient client = new ProxyClient(listener.port())) {
            client.send("GET " + origin.url("/a") + " HTTP/1.1\r\n\r\n");
            assertThat(client.readUntil("first")).startsWith("HTTP/1.1 200");
            client.send("GET " + origin.url("/b") + " HTTP/1.1\r\n\r\n");
            assertThat(client.readUntil("0\r\n\r\n")).startsWith("HTTP/1.1 200").contains("second");
        }
        assertThat(origin.connections()).isOne();
    }

    @Test
    void aBodyIsForwardedWhole() throws IOException {
        origin.on("/hook", Behaviours.page("thanks"));
        String body = "x".repeat(300_000);

        String answer = ProxyClient.ask(
                listener.port(),
                "POST " + origin.url("/hook") + " HTTP/1.1\r\nContent-Length: " + body.length()
                        + "\r\nConnection: close\r\n\r\n" + body);

        assertThat(answer).endsWith("thanks");
        assertThat(origin.requests().getFirst().body()).isEqualTo(body);
    }

    @Test
    void aTunnelCarriesWhatever() throws IOException {
        origin.on("/", Behaviours.page("through"));
        try (ProxyClient client = new ProxyClient(listener.port())) {
            client.send("CONNECT 127.0.0.1:" + origin.port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("via:");
            client.send("GET / HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n");
            assertThat(client.readUntil("through")).contains("200");
        }
    }

    @Test
    void aWebSocketUpgradePassesAndAForbiddenOneDoesNot() throws IOException {
        origin.on("/ws", (request, socket, out) -> {
            out.write(Behaviours.utf8(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes"));
            return false;
        });
        String upgrade = " HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n";

        String allowed = ProxyClient.ask(listener.port(), "GET ws://127.0.0.1:" + origin.port() + "/ws" + upgrade);
        String forbidden = ProxyClient.ask(listener.port(), "GET ws://127.0.0.2:" + origin.port() + "/ws" + upgrade);

        assertThat(allowed).startsWith("HTTP/1.1 101").endsWith("frames");
        assertThat(forbidden).startsWith("HTTP/1.1 403");
        assertThat(origin.connections()).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "[::1]", "10.0.0.1", "2130706433", "0x7f.1", "private.example", "localhost"})
    void whatTheGuardRefusesIsForbiddenAndRemembered(String host) throws IOException {
        String target = host + ":" + origin.port();

        String page = ProxyClient.get(listener.port(), "http://" + target + "/");
        assertThat(page).startsWith("HTTP/1.1 403");
        assertThat(listener.failure(host, origin.port())).isInstanceOf(EgressRefusedException.class);

        listener.begin(Long.MAX_VALUE, () -> {});
        assertThat(listener.failure(host, origin.port())).isNull();
        assertThat(ProxyClient.connect(listener.port(), target)).startsWith("HTTP/1.1 403");
        assertThat(listener.failure(host, origin.port())).isInstanceOf(EgressRefusedException.class);
        assertThat(origin.connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "GET /http://site.example/ HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "GET https://site.example/ HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "GET ftp://site.example/ HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "CONNECT site.example HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "CONNECT site.example:0 HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "CONNECT site.example:99999 HTTP/1.1\r\nHost: site.example\r\n\r\n",
                "nonsense\r\n\r\n"
            })
    void whatIsNotAddressedToAProxyIsABadRequest(String request) throws IOException {
        assertThat(ProxyClient.ask(listener.port(), request)).startsWith("HTTP/1.1 400");
        assertThat(origin.connections()).isZero();
    }

    @Test
    void longLinesAndManyHeadersAreRefused() throws IOException {
        String line = "GET " + origin.url("/" + "x".repeat(40_000)) + " HTTP/1.1\r\n\r\n";
        String headers = "GET " + origin.url("/") + " HTTP/1.1\r\n"
                + ("X-Flood: " + "x".repeat(1000) + "\r\n").repeat(200) + "\r\n";

        assertThat(ProxyClient.ask(listener.port(), line)).startsWith("HTTP/1.1 400");
        assertThat(ProxyClient.ask(listener.port(), headers)).startsWith("HTTP/1.1 400");
        assertThat(origin.connections()).isZero();
    }

    @Test
    void whyAConnectionFailedIsRemembered() throws IOException {
        int closed = TestFork.freePort();

        assertThat(ProxyClient.get(listener.port(), "http://127.0.0.1:" + closed + "/"))
                .startsWith("HTTP/1.1 502");
        assertReason(listener.failure("127.0.0.1", closed), Reason.CONNECTION_REFUSED);
        assertThat(ProxyClient.connect(listener.port(), "127.0.0.1:" + closed)).startsWith("HTTP/1.1 502");
        assertReason(listener.failure("127.0.0.1", closed), Reason.CONNECTION_REFUSED);
        assertThat(ProxyClient.get(listener.port(), "http://nowhere.example/")).startsWith("HTTP/1.1 502");
        assertReason(listener.failure("NOWHERE.example.", 80), Reason.DNS_FAILURE);
        assertThat(listener.failedUpstream()).isNull();
    }

    @Test
    void anAnswerThatIsNoneIsAFailureOfItsOwn() throws IOException {
        origin.on("/hang-up", Behaviours.hangUp())
                .on("/garbage", Behaviours.raw("SSH-2.0-OpenSSH\r\n\r\n"))
                .on("/flood", Behaviours.headerFlood());

        assertThat(ProxyClient.get(listener.port(), origin.url("/hang-up"))).startsWith("HTTP/1.1 502");
        assertReason(listener.failure("127.0.0.1", origin.port()), Reason.CONNECTION_RESET);
        assertThat(ProxyClient.get(listener.port(), origin.url("/garbage"))).startsWith("HTTP/1.1 502");
        assertReason(listener.failure("127.0.0.1", origin.port()), Reason.MALFORMED_ANSWER);
        assertThat(ProxyClient.get(listener.port(), origin.url("/flood"))).startsWith("HTTP/1.1 502");
        assertReason(listener.failure("127.0.0.1", origin.port()), Reason.HEAD_TOO_LARGE);
    }

    @Test
    void aTruncatedAnswerEndsWithItsConnection() throws IOException {
        origin.on("/truncated", Behaviours.truncated()).on("/reset", Behaviours.resetMidBody());

        assertThat(ProxyClient.get(listener.port(), origin.url("/truncated"))).endsWith("<p>only this");
        assertReason(listener.failure("127.0.0.1", origin.port()), Reason.CONNECTION_RESET);
    }

    @Test
    void aLaterSuccessForgetsTheFailure() throws IOException {
        origin.on("/", Behaviours.page("here")).on("/hang-up", Behaviours.hangUp());

        ProxyClient.get(listener.port(), origin.url("/hang-up"));
        assertThat(listener.failure("127.0.0.1", origin.port())).isNotNull();
        ProxyClient.get(listener.port(), origin.url("/"));

        assertThat(listener.failure("127.0.0.1", origin.port())).isNull();
    }

    @Test
    void aSlowNameServerHoldsUpNobodyElse() throws Exception {
        origin.on("/", Behaviours.page("here"));
        ProxyClient[] stuck = new ProxyClient[20];
        for (int index = 0; index < stuck.length; index++) {
            stuck[index] = new ProxyClient(listener.port());
            stuck[index].send("GET http://slow.example/" + index + " HTTP/1.1\r\n\r\n");
        }

        for (int count = 0; count < 20; count++) {
            assertThat(ProxyClient.get(listener.port(), origin.url("/"))).endsWith("here");
        }
        assertThat(slowLookup.getCount()).isOne();
        slowLookup.countDown();
        for (ProxyClient client : stuck) {
            assertThat(client.head()).startsWith("HTTP/1.1 502");
            client.close();
        }
    }

    @Test
    void aRouteIsTheAddressThatWasCheckedWithoutTheName() throws IOException {
        AtomicInteger lookups = new AtomicInteger();
        try (EgressGuard rebinding = new EgressGuard(
                        new AddressPolicy(List.of(), List.of()),
                        Duration.ofSeconds(5),
                        host -> new InetAddress[] {address(lookups.getAndIncrement() == 0 ? "192.88.98.1" : "127.0.0.1")
                        });
                ForwardingProxy suspicious = new ForwardingProxy(rebinding, properties)) {
            CheckedRoute route =
                    suspicious.open().route(new RequestGate(listener), ProxyTarget.of("rebind.example", origin.port()));

            assertThat(route.getAddress()).isEqualTo(address("192.88.98.1"));
            assertThat(route.getHostString()).isEqualTo("192.88.98.1");
        }
        assertThat(origin.connections()).isZero();
    }

    @Test
    void bytesFromTheNetworkAreCountedInTunnelsToo() throws IOException {
        origin.on("/", Behaviours.body("text/plain", new byte[50_000]));
        AtomicInteger told = new AtomicInteger();
        listener.begin(120_000, told::incrementAndGet);

        for (int count = 1; count <= 4; count++) {
            if (count % 2 == 0) {
                ProxyClient.get(listener.port(), origin.url("/"));
            } else {
                try (ProxyClient client = new ProxyClient(listener.port())) {
                    client.send("CONNECT 127.0.0.1:" + origin.port() + " HTTP/1.1\r\n\r\n");
                    client.head();
                    client.send("GET / HTTP/1.1\r\n\r\n");
                    client.socket().getInputStream().readNBytes(50_050);
                }
            }
            assertThat(told).hasValue(count < 3 ? 0 : 1);
        }
        listener.begin(120_000, told::incrementAndGet);
        ProxyClient.get(listener.port(), origin.url("/"));
        assertThat(told).hasValue(1);
    }

    @Test
    void theJournalIsBounded() {
        for (int port = 1; port <= 1100; port++) {
            listener.journal.failed(ProxyTarget.of("127.0.0.2", port), new EgressRefusedException("no"));
        }
        assertThat(listener.failure("127.0.0.2", 100)).isNull();
        assertThat(listener.failure("127.0.0.2", 101)).isNotNull();
        assertThat(listener.failure("127.0.0.2", 1100)).isNotNull();
    }

    @Test
    void listenersAreIndependentAndEndWithTheirConnections() throws IOException {
        Listener other = proxy.open();
        origin.on("/", Behaviours.page("here"));
        try (ProxyClient client = new ProxyClient(other.port())) {
            client.send("CONNECT 127.0.0.1:" + origin.port() + " HTTP/1.1\r\n\r\n");
            client.head();
            ProxyClient.get(other.port(), "http://127.0.0.2/");

            assertThat(listener.failure("127.0.0.2", 80)).isNull();
            assertThat(other.failure("127.0.0.2", 80)).isNotNull();
            other.close();
            assertThat(client.rest()).isEmpty();
        }
        await().until(() -> origin.openConnections() == 0);
        assertThat(ProxyClient.get(listener.port(), origin.url("/"))).endsWith("here");
    }

    private static void assertReason(@Nullable RuntimeException failure, Reason reason) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failed -> assertThat(failed.reason()).isEqualTo(reason));
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getAllByName(literal)[0];
    }

    private InetAddress[] lookup(String host) throws UnknownHostException {
        return switch (host) {
            case SITE -> new InetAddress[] {address("127.0.0.1")};
            case "private.example", "localhost" -> new InetAddress[] {address("127.0.0.3")};
            case "slow.example" -> {
                try {
                    slowLookup.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(host);
            }
            default -> throw new UnknownHostException(host);
        };
    }
}
