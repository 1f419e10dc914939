package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.ForwardingProxy;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.BrowserOptions.ResourceKind;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.html.HtmlScraper;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.ExtractionProperties;
import io.bactrian.scrape.select.Extractor;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** The browser engine with all that it needs, allowed to visit 127.0.0.1 and localhost, and no other forbidden address. */
public final class Browsers implements AutoCloseable {
    static final BrowserOptions PLAIN =
            new BrowserOptions(true, null, Duration.ZERO, List.of(), false, Set.of(ResourceKind.IMAGE));
    static final ScrapeOptions OPTIONS = options(Duration.ofSeconds(60), PLAIN);

    final Path directory;
    final BrowserProperties settings;
    final BrowserPool pool;
    final BrowserScraper scraper;
    private final SitePages sites;
    final HtmlScraper html;

    private final EgressGuard guard;
    private final EgressClient client;
    private final ForwardingProxy proxy;

    /** @param browsers how many run at once */
    public Browsers(int browsers) {
        this(settings(browsers, Duration.ofMinutes(1), 1000));
    }

    Browsers(BrowserProperties settings) {
        this(settings, temporaryDirectory());
    }

    Browsers(BrowserProperties settings, Path directory) {
        this(settings, directory, guard("127.0.0.1", "localhost"), Map.of());
    }

    /** @param pools URLs of proxies by the name of their pool */
    Browsers(BrowserProperties settings, Path directory, EgressGuard guard, Map<String, List<String>> pools) {
        this.settings = settings;
        this.directory = directory;
        this.guard = guard;
        EgressProperties egress = EgressProperties.allowing();
        client = new EgressClient(guard, egress);
        proxy = new ForwardingProxy(guard, egress);
        UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
        Clock clock = Clock.systemUTC();
        RobotsTxt robots = new RobotsTxt(client, userAgent, clock);
        ChromiumFinder chromium = new ChromiumFinder(
                settings.executable(), System.getenv(), Path.of(System.getProperty("user.home", ".")));
        pool = new BrowserPool(settings, chromium, directory, proxy, robots, userAgent, client.maxBodySize(), clock);
        BrowserVisits visits = new BrowserVisits(pool, robots, Proxies.of(pools, clock), clock);
        scraper = new BrowserScraper(pool, visits, new Extractor(ExtractionProperties.defaults()), clock);
        sites = new SitePages(pool, visits);
        html = new HtmlScraper(client, robots, userAgent, clock);
    }

    public SitePages sites() {
        return sites;
    }

    static EgressGuard guard(String... allow) {
        return new EgressGuard(new AddressPolicy(List.of(allow), List.of()), Duration.ofSeconds(5));
    }

    static BrowserProperties settings(int browsers, Duration idle, int pages) {
        return new BrowserProperties(
                browsers,
                null,
                "target/playwright/driver",
                idle,
                pages,
                DataSize.ofMegabytes(64),
                DataSize.ofMegabytes(1024),
                DataSize.ofMegabytes(256));
    }

    static ScrapeOptions options(Duration timeout, BrowserOptions browser) {
        return new ScrapeOptions(true, timeout, Map.of(), Map.of(), false, null, browser);
    }

    static ScrapeOptions doing(PageAction... actions) {
        return options(
                Duration.ofSeconds(60),
                new BrowserOptions(true, null, Duration.ZERO, List.of(actions), false, Set.of(ResourceKind.IMAGE)));
    }

    static PageRequest request(String url, ScrapeOptions options, String selectors) {
        return new PageRequest(url, options, plan(selectors), 1, "lane");
    }

    static SelectorPlan plan(String selectors) {
        try {
            return SelectorPlan.compile(new ObjectMapper().readTree(selectors));
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /** What a page says at its element {@code #out}. */
    @Nullable
    String out(String url, ScrapeOptions options) {
        return scraped(url, options, "{\"out\": \"#out\"}")
                .data()
                .replaceFirst("^\\{\"out\":\"?", "")
                .replaceFirst("\"?}$", "");
    }

    /** What the page on which actions end says at its element {@code #out}. */
    public @Nullable String outAfter(String url, PageAction... actions) {
        return out(url, doing(actions));
    }

    Outcome.Scraped scraped(String url, ScrapeOptions options, String selectors) {
        Outcome outcome = scraper.scrape(request(url, options, selectors));
        assertThat(outcome).as("%s: %s", url, outcome).isInstanceOf(Outcome.Scraped.class);
        return (Outcome.Scraped) outcome;
    }

    Outcome.Failed failed(String url, ScrapeOptions options, ErrorCode code) {
        Outcome outcome = scraper.scrape(request(url, options, "{\"out\": \"#out\"}"));
        assertThat(outcome).as("%s: %s", url, outcome).isInstanceOf(Outcome.Failed.class);
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertThat(failed.code()).as(failed.message()).isEqualTo(code);
        return failed;
    }

    static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("browsers");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        pool.close();
        proxy.close();
        try {
            client.close();
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        guard.close();
    }
}
