package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.ForbiddenUrls;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

/** Every forbidden URL through the forwarding proxy, past a listener that would see it succeed. */
@Timeout(120)
class ForbiddenUrlsTest {
    private final MisbehavingOrigin forbidden;
    private final EgressProperties properties = EgressProperties.allowing();
    private final EgressGuard guard = new EgressGuard(
            new AddressPolicy(List.of(), List.of()), Duration.ofSeconds(5), ForbiddenUrlsTest::localNames);
    private final ForwardingProxy proxy = new ForwardingProxy(guard, properties);
    private final ForwardingProxy.Listener listener = proxy.open();

    ForbiddenUrlsTest() throws IOException {
        ServerSocket everywhere = new ServerSocket();
        everywhere.bind(new InetSocketAddress(0));
        forbidden = MisbehavingOrigin.start(everywhere);
        forbidden.on("/", Behaviours.page("secret")).on("/forbidden", Behaviours.page("secret"));
    }

    @AfterEach
    void close() {
        proxy.close();
        guard.close();
        forbidden.close();
    }

    @Test
    void thereAreAtLeastEightyForms() {
        assertThat(ForbiddenUrls.on(forbidden.port())).doesNotHaveDuplicates().hasSizeGreaterThan(80);
    }

    @Test
    void noneIsRequestedByItsUrl() throws IOException {
        for (String url : ForbiddenUrls.on(forbidden.port())) {
            assertRefused(url, "GET " + url + " HTTP/1.1\r\nHost: public.example\r\nConnection: close\r\n\r\n");
        }
    }

    @Test
    void noneIsConnectedTo() throws IOException {
        for (String url : ForbiddenUrls.on(forbidden.port())) {
            String authority = url.replaceFirst("^[^/\\\\]*[/\\\\]*", "").replaceFirst("[/\\\\?#].*", "");
            assertRefused(url, "CONNECT " + authority + " HTTP/1.1\r\nHost: public.example\r\n\r\n");
        }
    }

    @Test
    void aNameThatResolvesToLoopbackWhenItIsAskedAgainReachesNothing() throws IOException {
        AtomicInteger lookups = new AtomicInteger();
        EgressProperties impatient = new EgressProperties(
                List.of(),
                List.of(),
                DataSize.ofMegabytes(1),
                Duration.ofMillis(50),
                Duration.ofSeconds(5),
                8,
                8,
                Duration.ofSeconds(30));
        try (EgressGuard rebinding = new EgressGuard(
                        new AddressPolicy(List.of(), List.of()),
                        Duration.ofSeconds(5),
                        // Names that differ, so that no answer is remembered from the one before.
                        host -> InetAddress.getAllByName(
                                lookups.getAndIncrement() % 2 == 0 ? "192.88.98.1" : "127.0.0.1"));
                ForwardingProxy suspicious = new ForwardingProxy(rebinding, impatient);
                EgressClient client = new EgressClient(rebinding, impatient, suspicious);
                ForwardingProxy.Listener port = suspicious.open();
                ProxyClient kept = new ProxyClient(port.port())) {
            String public1 = "http://rebind-1.example:" + forbidden.port() + "/";
            assertThat(rebinding.check(HttpUrl.parse(public1), Deadline.in(Duration.ofSeconds(5))))
                    .containsExactly(InetAddress.getAllByName("192.88.98.1"));
            kept.send("GET http://rebind-2.example:" + forbidden.port() + "/ HTTP/1.1\r\n\r\n");
            assertThat(kept.head()).startsWith("HTTP/1.1 403");
            assertThat(rebinding.check(
                            HttpUrl.parse("http://rebind-3.example:" + forbidden.port() + "/"),
                            Deadline.in(Duration.ofSeconds(5))))
                    .hasSize(1);
            assertThat(ProxyClient.connect(port.port(), "rebind-4.example:" + forbidden.port()))
                    .startsWith("HTTP/1.1 403");
            assertThat(catchThrowable(() -> client.execute(
                            EgressRequest.get(HttpUrl.parse("http://rebind-5.example:" + forbidden.port() + "/"))
                                    .timeout(Duration.ofMillis(200))
                                    .build())))
                    .isInstanceOf(EgressFailedException.class);
        }
        assertThat(lookups).hasValue(5);
        assertThat(forbidden.connections()).isZero();
    }

    private void assertRefused(String url, String request) throws IOException {
        String answer = ProxyClient.ask(listener.port(), request);

        assertThat(answer)
                .as(url)
                .satisfiesAnyOf(
                        refused -> assertThat(refused).startsWith("HTTP/1.1 403"),
                        malformed -> assertThat(malformed).startsWith("HTTP/1.1 400"),
                        unknown ->
                                assertThat(unknown).startsWith("HTTP/1.1 502").contains("does not resolve"));
        assertThat(forbidden.connections()).as(url).isZero();
    }

    private static InetAddress[] localNames(String host) throws UnknownHostException {
        if (host.endsWith("localhost")) {
            return InetAddress.getAllByName("127.0.0.1");
        }
        throw new UnknownHostException(host);
    }
}
