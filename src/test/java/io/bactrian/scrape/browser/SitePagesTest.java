package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Routines on pages, by the real Chromium. */
class SitePagesTest {
    private static Browsers browsers;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();

    @BeforeAll
    static void open() {
        browsers = new Browsers(1);
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
    }

    @AfterEach
    void close() {
        origin.close();
    }

    @Test
    void aRoutineSeesAndMovesThePage() {
        origin.on("/", Behaviours.page("""
                        <button hidden>Not me</button><button onclick="location = '/list'">On</button>""")).on("/list", Behaviours.page("""
                        <div id=feed style="height: 100px; overflow: auto"><p style="height: 400px">one</p></div>
                        <script>let more = 2; feed.onscroll = () => {
                          if (more-- > 0) feed.insertAdjacentHTML('beforeend', '<p style="height: 400px">You’ve more</p>'); }
                        </script>"""));

        String seen = done("/", "lane", page -> {
            boolean clicked = page.click("button");
            boolean there = page.await(() -> page.count("#feed p") == 1, Duration.ofSeconds(20));
            boolean before = page.shows("#feed", List.of("you've MORE", "else"));
            boolean first = page.scroll("#feed");
            boolean second = page.scroll("#feed");
            boolean third = page.scroll("#feed");
            return clicked + " " + there + " " + before + " " + first + " " + second + " " + third + " "
                    + page.shows("#feed", List.of("you've MORE", "else")) + " " + page.shows("#feed", List.of()) + " "
                    + page.click("#absent") + " " + page.html().contains("<p style=\"height: 400px\">one</p>") + " "
                    + page.url();
        });

        assertThat(seen).isEqualTo("true true false true true false true true false true " + origin.url("/list"));
    }

    @Test
    void aVariableOfThePageIsReadAndNoMoreOfItThanAllowed() {
        origin.on("/", Behaviours.page("""
                <script>
                window.STATE = [1, [2, {deep: "x"}]];
                window.LONG = 'y'.repeat(100000);
                const ring = {}; ring.ring = ring; window.RING = ring;
                Object.defineProperty(window, 'TRAP', {get() { throw new Error('no'); }});
                Object.defineProperty(window, 'ENDLESS', {get() { for (;;) {} }});
                window.RAW = {toJSON() { return undefined; }};
                </script>"""));

        List<String> seen = done(
                "/",
                "lane",
                page -> List.of(
                                List.of("STATE"),
                                List.of("STATE", "1", "1", "deep"),
                                List.of("STATE", "7", "8"),
                                List.of("ABSENT"),
                                List.of("LONG"),
                                List.of("RING"),
                                List.of("TRAP"),
                                List.of("RAW"),
                                List.of("ENDLESS"),
                                List.of("STATE", "0"))
                        .stream()
                        .map(path -> String.valueOf(page.variable(path, 1000)))
                        .toList());

        assertThat(seen)
                .containsExactly(
                        "[1,[2,{\"deep\":\"x\"}]]",
                        "\"x\"",
                        "null",
                        "null",
                        "null",
                        "null",
                        "null",
                        "null",
                        "null",
                        "1");
    }

    @Test
    void aPageThatHasBentTheLanguageGivesATextOrNothing() {
        origin.on("/", Behaviours.page("""
                <script>
                window.STATE = [1];
                JSON.stringify = () => ({length: 1, toString: () => 'x'.repeat(1e6)});
                Array.prototype[Symbol.iterator] = () => { throw new Error('no'); };
                document.querySelectorAll = () => ({length: 77});
                </script><p>one</p>"""));

        String seen = done("/", "lane", page -> page.variable(List.of("STATE"), 1000) + " " + page.count("p"));

        assertThat(seen).isEqualTo("null 1");
    }

    @Test
    void theVisitsOfALaneShareCookiesAndThoseOfTwoLanesDoNot() {
        origin.on("/ask", Behaviours.page("<p>who?"))
                .on(
                        "/agree",
                        Behaviours.answer(
                                "200 OK",
                                Behaviours.utf8("<p>thanks"),
                                "Content-Type: text/html",
                                "Set-Cookie: agreed=yes; Path=/; HttpOnly"));

        open("/agree", "first");
        open("/ask", "first");
        open("/ask", "second");
        // The first lane's context was closed for the second one's.
        open("/ask", "first");
        browsers.scraped(origin.url("/ask"), Browsers.OPTIONS, "{\"p\": \"p\"}");

        assertThat(origin.requestsFor("/ask").stream().map(request -> String.valueOf(request.header("cookie"))))
                .containsExactly("agreed=yes", "null", "agreed=yes", "null");
    }

    @Test
    void whatCannotBeHadIsAFailureWithItsUrl() {
        origin.on("/", Behaviours.redirect(302, "/sorry/index"))
                .on("/sorry/index", Behaviours.status(429, "Retry-After: 7"))
                .on("/away", Behaviours.page("<script>location = 'http://10.0.0.1/'</script>"));

        SiteVisit.Failed<String> refused = failed("/", page -> "never");
        SiteVisit.Failed<String> away =
                failed("/away", page -> String.valueOf(page.await(() -> false, Duration.ofSeconds(20))));

        assertThat(refused.failure().code()).isEqualTo(ErrorCode.HTTP_4XX);
        assertThat(refused.failure().retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(refused.url()).isEqualTo(origin.url("/sorry/index"));
        assertThat(away.failure().code()).isEqualTo(ErrorCode.EGRESS_REFUSED);
    }

    @Test
    void aRoutineThatOverrunsOrFailsEndsAsAFailure() {
        origin.on("/", Behaviours.page("<p>one"));

        SiteVisit<String> late = browsers.sites()
                .visit(request(origin.url("/"), "lane", Duration.ofSeconds(3)), page -> {
                    page.await(() -> false, Duration.ofSeconds(60));
                    return "never";
                });
        SiteVisit.Failed<String> defect = failed("/", page -> {
            throw new IllegalStateException("a defect");
        });

        assertThat(late)
                .isInstanceOfSatisfying(
                        SiteVisit.Failed.class,
                        failed -> assertThat(failed.failure().code()).isEqualTo(ErrorCode.TIMEOUT));
        assertThat(defect.failure().code()).isEqualTo(ErrorCode.EXTRACTION_FAILED);
        int next = done("/", "lane", page -> page.count("p"));
        assertThat(next).isEqualTo(1);
    }

    private void open(String path, String lane) {
        done(path, lane, SitePage::url);
    }

    private <T> T done(String path, String lane, PageRoutine<T> routine) {
        SiteVisit<T> visit = browsers.sites().visit(request(origin.url(path), lane, Duration.ofSeconds(60)), routine);
        assertThat(visit).as("%s", visit).isInstanceOf(SiteVisit.Done.class);
        return ((SiteVisit.Done<T>) visit).result();
    }

    private SiteVisit.Failed<String> failed(String path, PageRoutine<String> routine) {
        SiteVisit<String> visit =
                browsers.sites().visit(request(origin.url(path), "lane", Duration.ofSeconds(60)), routine);
        assertThat(visit).as("%s", visit).isInstanceOf(SiteVisit.Failed.class);
        return (SiteVisit.Failed<String>) visit;
    }

    private static SiteRequest request(String url, String lane, Duration timeout) {
        return new SiteRequest(url, "en", lane, false, null, timeout);
    }
}
