package io.bactrian.scrape.html;

import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Hop;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.RobotsVerdict;
import io.bactrian.scrape.select.ExtractionException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one page: its redirects, its answer, and what the selectors find in it. Used once, by one thread. */
final class PageAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(PageAttempt.class);

    /** Each node reads robots.txt once; a page that finds it forgotten again and again is not kept from its end. */
    private static final int MOST_ROBOTS_READS = 5;

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
        @Nullable Hop hop = page.hop();
        HttpUrl url = hop == null ? asked : HttpUrl.parse(hop.url());
        int first = hop == null ? 0 : hop.redirects();
        for (int redirects = first; redirects <= PageAnswer.MOST_REDIRECTS; redirects++) {
            boolean takesTurns = page.takesTurns().test(url);
            if (takesTurns && redirects > first) {
                return unfinished(url, redirects, 0);
            }
            if (options.respectRobotsTxt()) {
                int reads = hop == null ? 0 : hop.robotsReads();
                boolean usesTurn = takesTurns && reads < MOST_ROBOTS_READS && !scraper.robots.knows(url);
                RobotsVerdict verdict = scraper.robots.check(url, deadline);
                if (!verdict.allowed()) {
                    return failed(PageFailure.of(ErrorCode.ROBOTS_DISALLOWED, verdict.reason()));
                }
                if (usesTurn) {
                    return unfinished(url, redirects, reads + 1);
                }
            }
            EgressResponse response = request(url, asked, options, deadline);
            ResponseHead head = response.head();
            lastHead = head;
            finalUrl = redirects == 0 ? page.url() : url.toString();
            @Nullable String location = answer(head).redirection();
            if (location == null || !options.followRedirects()) {
                return outcome(url, response);
            }
            url = url.resolve(location);
        }
        return failed(PageAnswer.tooManyRedirects());
    }

    private Outcome unfinished(HttpUrl next, int redirects, int robotsReads) {
        return new Outcome.Unfinished(new Hop(next.toString(), redirects, robotsReads), metadata(sinceBegin()));
    }

    private EgressResponse request(HttpUrl url, HttpUrl asked, ScrapeOptions options, Deadline deadline) {
        EgressRequest.Builder request =
                EgressRequest.get(url).deadline(deadline).bodyLimit(this::wantedBytes);
        scraper.fields.addTo(request, url, asked, options);
        return proxy.execute(request);
    }

    private int wantedBytes(ResponseHead head) {
        return answer(head).isWanted() ? scraper.client.maxBodySize() : 0;
    }

    private PageAnswer answer(ResponseHead head) {
        return new PageAnswer(head, page.plan(), scraper.client.maxBodySize());
    }

    private Outcome outcome(HttpUrl url, EgressResponse response) {
        PageAnswer answer = answer(response.head());
        @Nullable PageFailure failure = answer.failure(scraper.clock);
        if (failure != null) {
            return failed(failure);
        }
        if (response.isTruncated()) {
            return failed(PageAnswer.tooLarge(answer.maxBodySize()));
        }
        Duration fetched = sinceBegin();
        String data = page.plan().extract(answer.source(response.body(), url.toString()));
        return new Outcome.Scraped(data, metadata(fetched));
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
}
