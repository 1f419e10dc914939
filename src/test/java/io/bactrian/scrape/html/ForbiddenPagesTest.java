package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.ForbiddenUrls;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every forbidden URL as a page and as a redirect, past a listener that would see it succeed. */
@Timeout(120)
class ForbiddenPagesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private static final SelectorPlan TITLE =
            SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));

    private final MisbehavingOrigin forbidden;

    ForbiddenPagesTest() throws IOException {
        ServerSocket everywhere = new ServerSocket();
        everywhere.bind(new InetSocketAddress(0));
        forbidden = MisbehavingOrigin.start(everywhere);
        forbidden.on("/", Behaviours.page("<title>secret</title>"));
        forbidden.on("/forbidden", Behaviours.page("<title>secret</title>"));
    }

    @AfterEach
    void close() {
        forbidden.close();
    }

    @Test
    void noneIsScraped() {
        for (boolean robots : new boolean[] {false, true}) {
            for (String url : ForbiddenUrls.on(forbidden.port())) {
                assertThat(scrape(url, robots))
                        .as(url)
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.code())
                                        .isIn(ErrorCode.EGRESS_REFUSED, ErrorCode.DNS_FAILURE));
                assertThat(forbidden.connections()).as(url).isZero();
            }
        }
    }

    @Test
    void noRedirectLeadsThere() {
        // A name that is allowed, so that its address is not.
        try (MisbehavingOrigin allowed = MisbehavingOrigin.start()) {
            Stream.of(ForbiddenUrls.addresses(forbidden.port()), ForbiddenUrls.tricks(forbidden.port()))
                    .flatMap(List::stream)
                    .forEach(url -> {
                        allowed.on("/", Behaviours.redirect(302, url));
                        assertThat(scrape("http://localhost:" + allowed.port() + "/", false, "localhost"))
                                .as(url)
                                .isInstanceOf(Outcome.Failed.class);
                        assertThat(forbidden.connections()).as(url).isZero();
                    });
        }
    }

    private static Outcome scrape(String url, boolean robots, String... allow) {
        EgressProperties properties = EgressProperties.allowing(allow);
        try (EgressGuard guard =
                        new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
                EgressClient client = new EgressClient(guard, properties)) {
            UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
            HtmlScraper scraper = new HtmlScraper(client, new RobotsTxt(client, userAgent, CLOCK), userAgent, CLOCK);
            ScrapeOptions options = new ScrapeOptions(true, Duration.ofSeconds(10), Map.of(), Map.of(), robots);
            return scraper.scrape(new PageRequest(url, options, TITLE, 1));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
