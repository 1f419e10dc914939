package io.bactrian.places.contact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.html.HtmlScraper;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostLimits;
import io.bactrian.scrape.polite.PolitenessProperties;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class WebsiteContactsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final PlaceQuery QUERY = new PlaceQuery("cafe", "Limassol", 20, "en", null, false, List.of());

    private final SettableClock clock = new SettableClock();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private final EgressProperties egress = EgressProperties.allowing("127.0.0.0/8");
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(egress.allow(), List.of()), egress.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, egress);
    private final WebsiteContacts contacts = contacts(List.of());

    @BeforeEach
    void forgetTurns() {
        DATABASE.jdbc().sql("DELETE FROM host_clock").update();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        site.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aWebsiteIsReadWithTheTwoPagesThatPromiseMost() {
        site.on("/", Behaviours.page("""
                <a href="/blog">Blog</a> <a href="/about.html">Who we are</a> <a href="https://other.example/contact">Contact</a>
                <a href="/kontakt/">Kontakt</a> <a href="/impressum">Impressum</a> <a href="/contact.pdf">contact</a>
                <a href="https://www.facebook.com/kipriakon/">Facebook</a> <a href="https://www.facebook.com/sharer/sharer.php?u=x">Share</a>
                <a href="mailto:Hello%40Kipriakon.cy?subject=Hi">Mail</a>"""));
        site.on("/kontakt/", Behaviours.page("<p>Chef [at] kipriakon [dot] cy</p><a href='/contact/more'>contact</a>"));
        site.on(
                "/impressum",
                Behaviours.page(
                        "<a class=x data-cfemail='" + cloudflare("owner@kipriakon.cy") + "'>[email protected]</a>"));

        Visit begin = contacts.begin("osm:node/1", site.url("/"));
        assertThat(begin.key()).isEqualTo("contact:osm:node/1");
        VisitOutcome.Contacted home = contacted(contacts.visit(request(begin, false)));
        assertThat(home.placeId()).isEqualTo("osm:node/1");
        assertThat(home.emails()).containsExactly("hello@kipriakon.cy");
        assertThat(home.socialLinks()).containsExactly(Map.entry("facebook", "https://www.facebook.com/kipriakon"));
        assertThat(home.further())
                .extracting(Visit::key)
                .containsExactly("contact:osm:node/1:1", "contact:osm:node/1:2");

        VisitOutcome.Contacted kontakt =
                contacted(contacts.visit(request(home.further().get(0), false)));
        assertThat(kontakt.emails()).containsExactly("chef@kipriakon.cy");
        assertThat(kontakt.further()).isEmpty();
        VisitOutcome.Contacted impressum =
                contacted(contacts.visit(request(home.further().get(1), false)));
        assertThat(impressum.emails()).containsExactly("owner@kipriakon.cy");
    }

    @Test
    void linkedDataTellsContactsToo() {
        site.on("/", Behaviours.page("""
                <script type="application/ld+json">{"@type": "Restaurant", "email": "mailto:Data@kipriakon.cy",
                 "sameAs": ["https://instagram.com/kipriakon", 7, ["https://twitter.com/kipriakon"]], "department": {"email": 5}}</script>
                <script>var dsn = "0123456789abcdef0123456789abcdef@o1.ingest.sentry.io"; var x = "script@kipriakon.cy";</script>"""));

        VisitOutcome.Contacted outcome = contacted(visit("/"));

        assertThat(outcome.emails()).containsExactly("data@kipriakon.cy");
        assertThat(outcome.socialLinks())
                .isEqualTo(Map.of("instagram", "https://www.instagram.com/kipriakon", "x", "https://x.com/kipriakon"));
    }

    @Test
    void aWebsiteThatIsAProfileIsNotRequested() {
        VisitOutcome.Contacted outcome = contacted(
                contacts.visit(request(contacts.begin("p", "https://m.facebook.com/Kipriakon?ref=x"), false)));

        assertThat(outcome.socialLinks()).isEqualTo(Map.of("facebook", "https://www.facebook.com/Kipriakon"));
        assertThat(outcome.further()).isEmpty();
    }

    @Test
    void robotsTxtIsObeyed() {
        site.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /")));
        site.on("/", Behaviours.page("info@kipriakon.cy"));

        assertThat(visit("/")).asInstanceOf(type(VisitOutcome.Failed.class)).satisfies(failed -> {
            assertThat(failed.code()).isEqualTo("robots_disallowed");
            assertThat(failed.retryable()).isFalse();
        });
        assertThat(site.requestsFor("/")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "javascript:alert(1)",
                "file:///etc/passwd",
                "ftp://kipriakon.cy",
                "kipriakon",
                "",
                "http://10.0.0.1/",
                "http://169.254.169.254/latest/meta-data",
                "http://[::1]/",
                "http://user:secret@127.0.0.1/"
            })
    void websitesGoThroughTheGuard(String website) {
        assertThat(contacts.visit(request(contacts.begin("p", website), false)))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> assertThat(failed.code()).isEqualTo("egress_refused"));
    }

    @Test
    void aWebsiteOfAnyLengthMakesATargetThatCanBeKept() {
        for (String website : List.of("https://a.example/" + "ä".repeat(3_000), "x".repeat(1_000_000))) {
            Visit begin = contacts.begin("p", website);
            assertThat(begin.target()).hasSizeLessThanOrEqualTo(4_000);
            assertThat(contacts.visit(request(begin, false))).isInstanceOf(VisitOutcome.Failed.class);
        }
    }

    @Test
    void failuresAreThoseOfRows() {
        site.on("/gone", Behaviours.status(404));
        site.on("/busy", Behaviours.status(503, "Retry-After: 20"));
        site.on("/pdf", Behaviours.body("application/pdf", Behaviours.utf8("%PDF")));
        site.on("/endless", Behaviours.endlessBody());
        site.on("/circle", Behaviours.redirect(302, "/circle"));

        assertThat(failed("/gone").code()).isEqualTo("http_4xx");
        assertThat(failed("/busy").retryAfter()).isEqualTo(Duration.ofSeconds(20));
        assertThat(failed("/busy").retryable()).isTrue();
        assertThat(failed("/pdf").code()).isEqualTo("not_html");
        assertThat(failed("/endless").code()).isEqualTo("too_large");
        assertThat(failed("/circle").code()).isEqualTo("too_many_redirects");
    }

    @Test
    void eachRequestHasATurnWhereHostsHaveTurns() {
        site.on("/", Behaviours.redirect(302, "/home"));
        site.on("/home", Behaviours.page("info@kipriakon.cy <a href='/contact'>Contact</a>"));
        site.on("/contact", Behaviours.page("more@kipriakon.cy"));
        WebsiteContacts polite = contacts(List.of(new HostEntry("127.0.0.1", null, 1.0, 1, false)));
        List<String> emails = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<Visit> open = new ArrayList<>(List.of(polite.begin("p", site.url("/"))));
        int waits = 0;
        boolean booked = false;
        while (!open.isEmpty()) {
            switch (polite.visit(request(open.getFirst(), booked))) {
                case VisitOutcome.Later later -> {
                    waits++;
                    booked = later.booked();
                    clock.advance(Duration.between(clock.instant(), later.notBefore()));
                }
                case VisitOutcome.Contacted step -> {
                    keys.add(open.removeFirst().key());
                    booked = false;
                    emails.addAll(step.emails());
                    open.addAll(step.further());
                }
                default -> throw new AssertionError("a visit failed");
            }
        }

        assertThat(emails).containsExactly("info@kipriakon.cy", "more@kipriakon.cy");
        assertThat(keys).containsExactly("contact:p", "contact:p:0:0.1", "contact:p:0:1.0", "contact:p:1");
        assertThat(waits).isEqualTo(3);
        assertThat(site.requests()).hasSize(4);
    }

    @Test
    void aHostThatIsTooBusyIsLeftAlone() {
        site.on("/robots.txt", Behaviours.status(404));
        site.on("/", Behaviours.status(503, "Retry-After: 30"));
        WebsiteContacts polite = contacts(List.of(new HostEntry("127.0.0.1", null, 1.0, 1, false)));
        Visit begin = polite.begin("p", site.url("/"));
        Visit page = contacted(polite.visit(request(begin, false))).further().getFirst();
        clock.advance(Duration.ofSeconds(2));
        assertThat(polite.visit(request(page, false))).isInstanceOf(VisitOutcome.Failed.class);

        clock.advance(Duration.ofSeconds(10));
        assertThat(polite.visit(request(page, false)))
                .asInstanceOf(type(VisitOutcome.Later.class))
                .satisfies(later -> assertThat(Duration.between(clock.instant(), later.notBefore()))
                        .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(21)));
    }

    @Test
    void thousandsOfAddressesAreTenInTheEnd() {
        site.on("/", Behaviours.page(mailLinks(20_000)));

        assertThat(contacted(visit("/")).emails()).hasSize(10).startsWith("a0@b.cy");
    }

    @Test
    void aPageOfAMillionLinksIsAFailureAndNoMore() {
        site.on("/some", Behaviours.page(mailLinks(300_000)));
        site.on("/million", Behaviours.page(mailLinks(1_000_000)));

        assertThat(failed("/some").code()).isEqualTo("extraction_failed");
        assertThat(failed("/million").code()).isEqualTo("too_large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@",
                "@",
                "a@b.",
                "aB.",
                "a@bBbB",
                "[at]",
                " [ ",
                "x [at] ",
                "%40",
                "<a href='mailto:%'>",
                "<a href='https://x.com/%zz'>contact ",
                "<div>",
                "<a data-cfemail=zz>",
                "&#0;"
            })
    void largePagesOfNonsenseTakeLittle(String nonsense) {
        site.on("/", Behaviours.page(nonsense.repeat(1_000_000 / nonsense.length())));

        assertThat(contacted(visit("/")).emails()).isEmpty();
    }

    @Test
    void aStepThatIsNoneIsAFailure() {
        for (String target : List.of("", "null", "{}", "[]", "{\"placeId\": \"p\"}")) {
            assertThat(contacts.visit(request(new Visit(Visit.Kind.CONTACT, "contact:p", target), false)))
                    .isInstanceOf(VisitOutcome.Failed.class);
        }
    }

    private WebsiteContacts contacts(List<HostEntry> limits) {
        UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
        RobotsTxt robots = new RobotsTxt(client, userAgent, clock);
        HostClock hosts = new HostClock(
                new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), limits), egress),
                robots,
                DATABASE.jdbc(),
                clock);
        return new WebsiteContacts(new HtmlScraper(client, robots, userAgent, clock), hosts, clock);
    }

    private VisitOutcome visit(String path) {
        return contacts.visit(request(contacts.begin("p", site.url(path)), false));
    }

    private VisitOutcome.Failed failed(String path) {
        return (VisitOutcome.Failed) visit(path);
    }

    private static VisitOutcome.Contacted contacted(VisitOutcome outcome) {
        assertThat(outcome).isInstanceOf(VisitOutcome.Contacted.class);
        return (VisitOutcome.Contacted) outcome;
    }

    private static String mailLinks(int count) {
        StringBuilder links = new StringBuilder();
        for (int nth = 0; nth < count; nth++) {
            links.append("<a href=mailto:a").append(nth).append("@b.cy>x</a>");
        }
        return links.toString();
    }

    private static VisitRequest request(Visit visit, boolean booked) {
        return new VisitRequest(QUERY, visit, 1, booked, "lane");
    }

    private static String cloudflare(String address) {
        StringBuilder code = new StringBuilder("5a");
        address.chars().forEach(character -> code.append(String.format("%02x", character ^ 0x5a)));
        return code.toString();
    }
}
