package io.bactrian.scrape.html;

import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.RobotsVerdict;
import io.bactrian.scrape.select.ExtractionException;
import io.bactrian.scrape.select.PageSource;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one page: its redirects, its answer, and what the selectors find in it. Used once, by one thread. */
final class PageAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(PageAttempt.class);
    private static final int MOST_REDIRECTS = 10;

    private final HtmlScraper scraper;
    private final PageRequest page;
    private final Instant fetchedAt;
    private final PageProxy proxy;
    private final long begun = System.nanoTime();

    private @Nullable ResponseHead lastHead;
    private @Nullable String finalUrl;

    PageAttempt(HtmlScraper scraper, PageRequest page) {
        this.scraper = scraper;
        this.page = page;
        this.proxy = new PageProxy(scraper.client, scraper.proxies, page);
        this.fetchedAt = scraper.clock.instant();
    }

    Outcome run() {
        try {
            return fetch();
        } catch (EgressRefusedException refused) {
            return failed(PageFailure.of(ErrorCode.EGRESS_REFUSED, String.valueOf(refused.getMessage())));
        } catch (EgressFailedException failure) {
            return failed(PageFailure.of(failure));
        } catch (ExtractionException failure) {
            return failed(PageFailure.of(ErrorCode.EXTRACTION_FAILED, String.valueOf(failure.getMessage())));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError defect) {
            // A row and not an exception, for a page that kills its lane would come again and kill the next.
            LOG.error("Scraping {} failed unexpectedly", page.url(), defect);
            return failed(PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page could not be processed."));
        }
    }

    private Outcome fetch() {
        ScrapeOptions options = page.options();
        Deadline deadline = Deadline.in(options.timeout());
        HttpUrl asked = HttpUrl.parse(page.url());
        HttpUrl url = asked;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            if (options.respectRobotsTxt()) {
                RobotsVerdict verdict = scraper.robots.check(url, deadline);
                if (!verdict.allowed()) {
                    return failed(PageFailure.of(ErrorCode.ROBOTS_DISALLOWED, verdict.reason()));
                }
            }
            EgressResponse response = request(url, asked, options, deadline);
            ResponseHead head = response.head();
            lastHead = head;
            finalUrl = redirects == 0 ? page.url() : url.toString();
            @Nullable String location = head.header("Location");
            if (!isRedirect(head.status()) || location == null || !options.followRedirects()) {
                return outcome(url, response);
            }
            url = url.resolve(asUtf8(location));
        }
        return failed(PageFailure.of(
                ErrorCode.TOO_MANY_REDIRECTS, "The site redirected more than " + MOST_REDIRECTS + " times."));
    }

    private EgressResponse request(HttpUrl url, HttpUrl asked, ScrapeOptions options, Deadline deadline) {
        EgressRequest.Builder request =
                EgressRequest.get(url).deadline(deadline).bodyLimit(this::wantedBytes);
        scraper.fields.addTo(request, url, asked, options);
        return proxy.execute(request);
    }

    private int wantedBytes(ResponseHead head) {
        boolean wanted = isSuccess(head.status()) && isReadable(mediaType(head).kind()) && !announcesTooMuch(head);
        return wanted ? scraper.client.maxBodySize() : 0;
    }

    private Outcome outcome(HttpUrl url, EgressResponse response) {
        ResponseHead head = response.head();
        if (!isSuccess(head.status())) {
            return failed(PageFailure.ofStatus(head, scraper.clock));
        }
        MediaType type = mediaType(head);
        if (!isReadable(type.kind())) {
            return failed(PageFailure.of(
                    ErrorCode.NOT_HTML,
                    "The page is " + PageFailure.printable(String.valueOf(head.header("Content-Type")), 100)
                            + ", which the selectors cannot read."));
        }
        if (response.isTruncated() || announcesTooMuch(head)) {
            return failed(PageFailure.of(
                    ErrorCode.TOO_LARGE,
                    "The page is larger than " + scraper.client.maxBodySize() + " bytes after decompression."));
        }
        Duration fetched = sinceBegin();
        return new Outcome.Scraped(extract(type, response.body(), url.toString()), metadata(fetched));
    }

    private String extract(MediaType type, byte[] body, String baseUri) {
        PageSource source = switch (type.kind()) {
            case HTML, OTHER -> PageSource.html(body, type.charset(), baseUri);
            case XML -> PageSource.xml(body, type.charset(), baseUri);
            case JSON -> PageSource.json(body, type.charset(), baseUri);
        };
        return page.plan().extract(source);
    }

    private boolean isReadable(MediaType.Kind kind) {
        return switch (kind) {
            case HTML, XML -> page.plan().readsMarkup();
            case JSON -> page.plan().readsJson();
            case OTHER -> false;
        };
    }

    private boolean announcesTooMuch(ResponseHead head) {
        @Nullable String length = head.header("Content-Length");
        try {
            return length != null && Long.parseLong(length.strip()) > scraper.client.maxBodySize();
        } catch (NumberFormatException meaningless) {
            return false;
        }
    }

    private Outcome failed(PageFailure failure) {
        return new Outcome.Failed(
                failure.code(), failure.message(), failure.retryable(), failure.retryAfter(), metadata(sinceBegin()));
    }

    private PageMetadata metadata(Duration duration) {
        @Nullable ResponseHead head = lastHead;
        return new PageMetadata(
                finalUrl,
                head == null ? null : head.status(),
                head == null ? null : head.header("Content-Type"),
                fetchedAt,
                duration.toMillis(),
                page.attempt());
    }

    private Duration sinceBegin() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static MediaType mediaType(ResponseHead head) {
        return MediaType.of(head.header("Content-Type"));
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    private static boolean isRedirect(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    /** Header values arrive as Latin-1; sites that put other letters into a {@code Location} mean UTF-8. */
    private static String asUtf8(String location) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(location.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException latin1) {
            return location;
        }
    }
}
