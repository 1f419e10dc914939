package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.LocalProxy;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.ScrapeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pages in the browser through pools of real proxies. */
class BrowserProxiesTest {
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final LocalProxy first = LocalProxy.http();
    private final LocalProxy second = LocalProxy.http();
    private final LocalProxy gone = LocalProxy.http();
    private final LocalProxy socks5 = LocalProxy.socks5();
    private final Browsers browsers;

    BrowserProxiesTest() {
        gone.close();
        browsers = new Browsers(
                Browsers.settings(1, Duration.ofMinutes(1), 1000),
                Browsers.temporaryDirectory(),
                Browsers.guard("127.0.0.1"),
                Map.of(
                        "turn", List.of(first.url(), second.url()),
                        "partly", List.of(gone.url(), socks5.urlWithOtherCredentials(), second.url()),
                        "socks", List.of(socks5.url()),
                        "dead", List.of(gone.url(), first.urlWithOtherCredentials())));
        origin.on("/", Behaviours.page("<p id=out>x</p><script src=/script></script>"))
                .on("/script", Behaviours.body("text/javascript", new byte[0]));
    }

    @AfterEach
    void close() {
        browsers.close();
        first.close();
        second.close();
        socks5.close();
        origin.close();
    }

    @Test
    void pagesGoThroughProxies() {
        for (int page = 0; page < 4; page++) {
            assertThat(browsers.out(origin.url("/"), through("turn", false))).isEqualTo("x");
        }
        assertThat(first.targets()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(second.targets()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(browsers.out(origin.url("/"), through("socks", true))).isEqualTo("x");

        int before = first.targets().size() + second.targets().size();
        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
        assertThat(browsers.out(origin.url("/"), through("unknown", true))).isEqualTo("x");
        assertThat(first.targets().size() + second.targets().size()).isEqualTo(before);
    }

    @Test
    void proxiesThatCannotBeUsedArePassedOver() {
        assertThat(browsers.out(origin.url("/"), through("partly", false))).isEqualTo("x");
        assertThat(second.targets()).isNotEmpty();
    }

    @Test
    void whereNoneCanBeUsedThatIsTheError() {
        assertThat(browsers.failed(origin.url("/"), through("dead", true), ErrorCode.PROXY_UNAVAILABLE)
                        .retryable())
                .isTrue();
        assertThat(origin.requests()).isEmpty();
    }

    private static ScrapeOptions through(String pool, boolean perLane) {
        return new ScrapeOptions(
                true,
                Duration.ofSeconds(60),
                Map.of(),
                Map.of(),
                false,
                new ProxyRotation(pool, perLane),
                Browsers.PLAIN);
    }
}
