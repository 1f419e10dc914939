package io.bactrian.scrape.polite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.ProxyRotation;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Import;

class ProxiesTest {
    private static final String A = "http://a.example:3128";
    private static final String B = "https://b.example:8443";
    private static final String C = "socks5://user:secret@c.example:1080";
    private static final ProxyRotation IN_TURN = new ProxyRotation(null, false);
    private static final ProxyRotation STICKY = new ProxyRotation(null, true);

    private final SettableClock clock = new SettableClock();
    private final Proxies proxies =
            Proxies.of(Map.of("default", List.of(A, B, C), "single", List.of(A), "empty", List.of()), clock);

    @Test
    void proxiesAreTakenInTurn() {
        assertThat(IntStream.range(0, 6).mapToObj(count -> next()))
                .containsExactly(proxy(A), proxy(B), proxy(C), proxy(A), proxy(B), proxy(C));
    }

    @Test
    void aPoolIsConfiguredByItsNameAndTheDefaultOneByNone() {
        assertThat(proxies.configured(null)).isTrue();
        assertThat(proxies.configured("default")).isTrue();
        assertThat(proxies.configured("single")).isTrue();
        assertThat(proxies.configured("empty")).isFalse();
        assertThat(proxies.configured("unknown")).isFalse();
        assertThat(proxies.choose(new ProxyRotation("unknown", false), "lane")).isNull();
        assertThat(proxies.choose(new ProxyRotation("single", false), "lane")).isEqualTo(proxy(A));
    }

    @Test
    void aProxyThatFailedRestsTwiceAsLongEachTimeUpToTheLongest() {
        ProxyRotation single = new ProxyRotation("single", false);
        for (int minutes : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            proxies.failed(proxy(A));
            clock.advance(Duration.ofMinutes(minutes).minusMillis(1));
            assertThat(proxies.choose(single, "lane")).isNull();
            clock.advance(Duration.ofMillis(1));
            assertThat(proxies.choose(single, "lane")).isEqualTo(proxy(A));
        }
    }

    @Test
    void failuresThatBeganBeforeTheRestDoNotLengthenIt() {
        for (int count = 0; count < 100; count++) {
            proxies.failed(proxy(A));
        }
        clock.advance(Duration.ofMinutes(1));
        assertThat(proxies.choose(new ProxyRotation("single", false), "lane")).isEqualTo(proxy(A));
    }

    @Test
    void successAndTimeMakeThePastForgotten() {
        ProxyRotation single = new ProxyRotation("single", false);
        proxies.failed(proxy(A));
        clock.advance(Duration.ofMinutes(1));
        proxies.succeeded(proxy(A));
        proxies.failed(proxy(A));
        clock.advance(Duration.ofMinutes(1));
        assertThat(proxies.choose(single, "lane")).isNotNull();

        clock.advance(Duration.ofMinutes(30));
        proxies.failed(proxy(A));
        clock.advance(Duration.ofMinutes(1));
        assertThat(proxies.choose(single, "lane")).isNotNull();
    }

    @Test
    void aRestingProxyIsPassedOver() {
        proxies.failed(proxy(B));

        assertThat(IntStream.range(0, 6).mapToObj(count -> next())).doesNotContain(proxy(B));
    }

    @Test
    void aLaneKeepsItsProxyWhileThatIsHealthyAndComesBackToIt() {
        Map<String, @Nullable UpstreamProxy> before = chosenByLane();
        assertThat(before.values()).contains(proxy(A), proxy(B), proxy(C));
        assertThat(chosenByLane()).isEqualTo(before);

        proxies.failed(proxy(B));
        Map<String, @Nullable UpstreamProxy> meanwhile = chosenByLane();
        before.forEach((lane, proxy) -> {
            if (proxy(B).equals(proxy)) {
                assertThat(meanwhile.get(lane)).isNotEqualTo(proxy(B));
            } else {
                assertThat(meanwhile.get(lane)).isEqualTo(proxy);
            }
        });

        clock.advance(Duration.ofMinutes(1));
        assertThat(chosenByLane()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://user:secret@proxy.example:21",
                "http://user:secret@proxy.example",
                "http://user:secret@proxy.example:0",
                "http://user:secret@proxy.example:70000",
                "http://user:se/cret@proxy.example:80",
                "http://user:se@cret@proxy.example:80",
                "http://user:secret%zz@proxy.example:80",
                "http://us%3Aer:secret@proxy.example:80",
                "http://user:secret@proxy_.example:80/path",
                "http://user:secret@pro xy.example:80",
                "http://user:secret%0d%0a@proxy.example:80",
                "http://user:secret@0x7f.1:80",
                "proxy.example:80",
                ""
            })
    void aUrlThatIsNoneStopsTheStartWithoutItsPassword(String url) {
        assertThatThrownBy(() -> Proxies.of(Map.of("default", List.of(A, url)), clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bactrian.proxies.pools.default[1]")
                .hasMessageContaining("config/proxies.yaml")
                .satisfies(failure -> {
                    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                        assertThat(cause.toString()).doesNotContain("secret").doesNotContain("cret");
                    }
                });
    }

    @Test
    void theConfigurationIsReadAtTheStartAndStopsItWhenItIsWrong() {
        ApplicationContextRunner context = new ApplicationContextRunner()
                .withUserConfiguration(Configured.class)
                .withBean(Clock.class, () -> clock);

        context.run(beans ->
                assertThat(beans.getBean(Proxies.class).configured(null)).isFalse());
        context.withPropertyValues("bactrian.proxies.pools.eu[0]=" + A, "bactrian.proxies.default-pool=eu")
                .run(beans -> assertThat(beans.getBean(Proxies.class).choose(IN_TURN, "lane"))
                        .isEqualTo(proxy(A)));
        context.withPropertyValues("bactrian.proxies.pools.eu[0]=http://user:secret@nowhere")
                .run(beans -> assertThat(beans)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("a proxy is written as scheme://host:port"));
    }

    @EnableConfigurationProperties(ProxyProperties.class)
    @Import(Proxies.class)
    static final class Configured {}

    @Test
    void credentialsAreDecodedAndNeverShown() {
        UpstreamProxy proxy = UpstreamProxy.parse("HTTP://me%40home:p%2Fw%3A%40%2B+@Proxy.Example.:3128/");

        assertThat(proxy.user()).isEqualTo("me@home");
        assertThat(proxy.password()).isEqualTo("p/w:@++");
        assertThat(proxy.host()).isEqualTo("proxy.example");
        assertThat(proxy.port()).isEqualTo(3128);
        assertThat(proxy).hasToString("http://me@home:…@proxy.example:3128");
        assertThat(proxy.address()).isEqualTo("http://proxy.example:3128");
        assertThat(UpstreamProxy.parse("socks5://[::1]:1080")).hasToString("socks5://[::1]:1080");
    }

    private Map<String, @Nullable UpstreamProxy> chosenByLane() {
        Map<String, @Nullable UpstreamProxy> chosen = new HashMap<>();
        for (int lane = 0; lane < 60; lane++) {
            chosen.put("task/" + lane, proxies.choose(STICKY, "task/" + lane));
        }
        return chosen;
    }

    private UpstreamProxy next() {
        return Objects.requireNonNull(proxies.choose(IN_TURN, "lane"));
    }

    private static UpstreamProxy proxy(String url) {
        return UpstreamProxy.parse(url);
    }
}
