package io.bactrian.scrape.polite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RobotsTxtTest {
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final MisbehavingOrigin elsewhere = MisbehavingOrigin.start();
    private final EgressProperties properties = EgressProperties.allowing("127.0.0.1");
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);
    private final SettableClock clock = new SettableClock();
    private final UserAgent userAgent = new UserAgent(null, "https://example.org/about-our-crawler");
    private final RobotsTxt robots = new RobotsTxt(client, userAgent, clock);

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        origin.close();
        elsewhere.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/, true",
        "/private, false",
        "/private/page, false",
        "/private/open/page, true",
        "/search?q=x, false",
        "/a.pdf, false",
        "/a.pdf?x, true",
        "/caf%C3%A9, false",
        "/café, false",
        "/robots.txt, true"
    })
    void theLongestMatchingRuleDecides(String path, boolean allowed) {
        serve(text("""
                User-agent: *
                Disallow: /private
                Allow: /private/open
                Disallow: /search?
                Disallow: /*.pdf$
                Disallow: /café
                """));

        assertThat(check(path).allowed()).isEqualTo(allowed);
    }

    @Test
    void theGroupOfOurOwnNameWinsOverTheGeneralOne() {
        serve(text("User-agent: *\nDisallow: /\n\nUser-agent: bactrianBOT\nDisallow: /only-this\n"));

        assertThat(check("/page").allowed()).isTrue();
        assertThat(check("/only-this").allowed()).isFalse();
        assertThat(check("/only-this").reason()).contains("BactrianBot");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410})
    void aFileThatDoesNotExistAllowsEverything(int status) {
        serve(Behaviours.status(status));

        assertThat(check("/page").allowed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503})
    void aSiteInTroubleDisallowsEverythingForAWhile(int status) {
        serve(Behaviours.status(status));

        assertThat(check("/page").allowed()).isFalse();
        assertThat(check("/page").reason()).contains(Integer.toString(status));
        assertThat(fetches()).isOne();

        serve(Behaviours.status(404));
        clock.advance(Duration.ofMinutes(6));
        assertThat(check("/page").allowed()).isTrue();
    }

    @Test
    void aFileThatDoesNotComeInTimeDisallowsEverything() {
        serve(Behaviours.slowDrip());
        RobotsTxt impatient = new RobotsTxt(client, userAgent, clock, Duration.ofMillis(400));

        assertThat(impatient
                        .check(url("/page"), Deadline.in(Duration.ofSeconds(5)))
                        .allowed())
                .isFalse();
    }

    @Test
    void aCallerWaitsNoLongerThanItsOwnDeadline() {
        serve(Behaviours.silence());

        assertThatThrownBy(() -> robots.check(url("/page"), Deadline.in(Duration.ofMillis(50))))
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT));
    }

    @Test
    void aHostThatRefusesOrDoesNotResolveIsTheCallersFailureAndIsNotRemembered() {
        HttpUrl page = url("/page");
        origin.close();

        for (int count = 0; count < 2; count++) {
            assertThatThrownBy(() -> robots.check(page, Deadline.in(Duration.ofSeconds(5))))
                    .isInstanceOfSatisfying(
                            EgressFailedException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_REFUSED));
        }
        assertThatThrownBy(() ->
                        robots.check(HttpUrl.parse("http://no-such-host.invalid/"), Deadline.in(Duration.ofSeconds(5))))
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.DNS_FAILURE));
    }

    @Test
    void aForbiddenHostIsTheCallersRefusal() {
        assertThatThrownBy(() -> robots.check(HttpUrl.parse("http://10.0.0.1/"), Deadline.in(Duration.ofSeconds(5))))
                .isInstanceOf(EgressRefusedException.class);
    }

    @Test
    void aFileIsKeptForADay() {
        serve(text("User-agent: *\nDisallow: /"));
        assertThat(check("/page").allowed()).isFalse();

        clock.advance(Duration.ofHours(23));
        assertThat(check("/other").allowed()).isFalse();
        assertThat(fetches()).isOne();

        clock.advance(Duration.ofHours(2));
        assertThat(check("/page").allowed()).isFalse();
        assertThat(fetches()).isEqualTo(2);
    }

    @Test
    void manyLanesThatAskAtOnceCauseOneFetch() throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        serve(text("User-agent: *\nDisallow: /private"));
        try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RobotsVerdict>> verdicts = new ArrayList<>();
            for (int count = 0; count < 100; count++) {
                verdicts.add(lanes.submit(() -> {
                    start.await();
                    return check("/private");
                }));
            }
            start.countDown();
            for (Future<RobotsVerdict> verdict : verdicts) {
                assertThat(verdict.get().allowed()).isFalse();
            }
        }
        assertThat(fetches()).isOne();
    }

    @Test
    void upToFiveRedirectsAreFollowed() {
        serve(Behaviours.redirect(301, "/robots-1"));
        for (int hop = 1; hop < 5; hop++) {
            origin.on("/robots-" + hop, Behaviours.redirect(302, "/robots-" + (hop + 1)));
        }
        origin.on("/robots-5", text("User-agent: *\nDisallow: /"));

        assertThat(check("/page").allowed()).isFalse();
    }

    @Test
    void aRedirectToAnotherHostIsFollowedAndItsRulesCountForTheFirst() {
        serve(Behaviours.redirect(301, "http://127.0.0.1:" + elsewhere.port() + "/rules"));
        elsewhere.on("/rules", text("User-agent: *\nDisallow: /private"));

        assertThat(check("/private").allowed()).isFalse();
        assertThat(check("/public").allowed()).isTrue();
        assertThat(elsewhere.requestsFor("/robots.txt")).isEmpty();
    }

    @Test
    void groupsThatNameUsMoreThanOnceAreOne() {
        serve(text("""
                User-agent: BactrianBot
                Disallow: /one

                User-agent: *
                Disallow: /

                User-agent: OtherBot
                User-agent: bactrianbot
                Disallow: /two
                """));

        assertThat(check("/one").allowed()).isFalse();
        assertThat(check("/two").allowed()).isFalse();
        assertThat(check("/three").allowed()).isTrue();
    }

    @Test
    void ofTwoEqualRulesTheOneThatAllowsCounts() {
        serve(text("User-agent: *\nDisallow: /page\nAllow: /page\n"));

        assertThat(check("/page").allowed()).isTrue();
    }

    @Test
    void theFileItselfIsAlwaysAllowed() {
        serve(text("User-agent: *\nDisallow: /"));

        assertThat(check("/robots.txt").allowed()).isTrue();
        assertThat(check("/page").allowed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFFUser-agent: *\nDisallow: /private",
                "user-AGENT : *\r\ndisallow:/private # a comment\r\n",
                "User-agent: *\rDisallow: /private\r",
                "# first\n\nUser-agent: *\nSitemap: https://example.org/map\nnonsense\nDisallow: /private",
                "User-agent: BactrianBot/2.0\nDisallow: /private"
            })
    void carelessFilesAreUnderstood(String content) {
        serve(text(content));

        assertThat(check("/private").allowed()).isFalse();
        assertThat(check("/public").allowed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'User-agent: *\nCrawl-delay: 2', 2000",
        "'User-agent: *\nCrawl-delay: 0.5', 500",
        "'User-agent: *\nCrawl-delay: 7\n\nUser-agent: BactrianBot\nCrawl-delay: 3', 3000",
        "'User-agent: OtherBot\nCrawl-delay: 9', 0",
        "'User-agent: *\nCrawl-delay: 86400\nDisallow: /private', 86400000",
        "'User-agent: *\nCrawl-delay: -4', 0",
        "'User-agent: *\nCrawl-delay: soon', 0"
    })
    void theCrawlDelayIsKnownOnceTheFileHasBeenRead(String content, long milliseconds) {
        serve(text(content));
        assertThat(robots.knows(url("/page"))).isFalse();
        assertThat(robots.crawlDelay(url("/page"))).isZero();

        assertThat(check("/page").allowed()).isTrue();

        assertThat(robots.knows(url("/page"))).isTrue();
        assertThat(robots.crawlDelay(url("/page"))).isEqualTo(Duration.ofMillis(milliseconds));
        clock.advance(Duration.ofHours(25));
        assertThat(robots.knows(url("/page"))).isFalse();
    }

    @Test
    void redirectsWithoutEndCountAsNoFile() {
        serve(Behaviours.redirect(302, "/robots.txt"));

        assertThat(check("/page").allowed()).isTrue();
        assertThat(fetches()).isEqualTo(6);
    }

    @Test
    void aRedirectToAForbiddenAddressCountsAsNoFile() {
        serve(Behaviours.redirect(302, "http://169.254.169.254/"));

        assertThat(check("/page").allowed()).isTrue();
    }

    @Test
    void onlyTheFirst500KibibytesAreRead() {
        String filler = "# nothing to see here\n".repeat(30_000);
        serve(text("User-agent: *\nDisallow: /early\n" + filler + "Disallow: /late\n"));

        assertThat(check("/early").allowed()).isFalse();
        assertThat(check("/late").allowed()).isTrue();
    }

    @Test
    void weIntroduceOurselvesWithNameAndContact() {
        serve(Behaviours.status(404));
        check("/page");

        assertThat(origin.requests().getFirst().header("user-agent"))
                .contains("BactrianBot")
                .contains("https://example.org/about-our-crawler");
    }

    private void serve(Behaviour behaviour) {
        origin.on("/robots.txt", behaviour);
    }

    private static Behaviour text(String content) {
        return Behaviours.body("text/plain", Behaviours.utf8(content));
    }

    private RobotsVerdict check(String path) {
        return robots.check(url(path), Deadline.in(Duration.ofSeconds(5)));
    }

    private HttpUrl url(String path) {
        return HttpUrl.parse(origin.url(path));
    }

    private int fetches() {
        return origin.requestsFor("/robots.txt").size();
    }
}
