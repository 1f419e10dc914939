package io.bactrian.scrape.browser;

import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.select.ExtractionException;
import io.bactrian.scrape.select.Extractor;
import io.bactrian.scrape.select.PageTooLargeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine for pages that need a browser: Chromium renders them, and does on them what the task says; the selectors are
 * then applied as to a static page.
 *
 * <p>A page waits while all browsers are busy; its timeout begins when it has one. A browser that dies under a page is an
 * outcome, which the page's lane counts. A browser that does not start, or is closed because the service stops, is an
 * exception: the page is not to blame, and its token goes back to the queue.
 */
public final class BrowserScraper implements Scraper {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserScraper.class);

    private final BrowserPool pool;
    private final BrowserVisits visits;
    private final Extractor extractor;
    private final Clock clock;

    BrowserScraper(BrowserPool pool, BrowserVisits visits, Extractor extractor, Clock clock) {
        this.pool = pool;
        this.visits = visits;
        this.extractor = extractor;
        this.clock = clock;
    }

    @Override
    public boolean available() {
        return pool.available();
    }

    /**
     * Scrapes a page.
     *
     * @throws BrowserFailedException if a browser did not start, or the service stops
     * @throws BrowserMissingException if there is no browser
     */
    @Override
    public Outcome scrape(PageRequest page) {
        Instant fetchedAt = clock.instant();
        long begun = System.nanoTime();
        PageFailure failure;
        try {
            HttpUrl asked = HttpUrl.parse(page.url());
            return outcome(page, visits.visit(new Errand(page, asked)));
        } catch (EgressRefusedException refused) {
            failure = PageFailure.of(ErrorCode.EGRESS_REFUSED, String.valueOf(refused.getMessage()));
        } catch (EgressFailedException failed) {
            failure = PageFailure.of(failed);
        } catch (BrowserFailedException | BrowserMissingException noBrowser) {
            throw noBrowser;
        } catch (BrowserDiedException died) {
            LOG.warn("A browser died under the page {}", page.url(), died);
            return new Outcome.BrowserDied(metadata(page, fetchedAt, begun));
        } catch (RuntimeException defect) {
            // A row and not an exception, for a page that kills its lane would come again and kill the next.
            LOG.error("Scraping {} failed unexpectedly", page.url(), defect);
            failure = PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page could not be processed.");
        }
        return failed(failure, metadata(page, fetchedAt, begun));
    }

    private static PageMetadata metadata(PageRequest page, Instant fetchedAt, long begun) {
        long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        return new PageMetadata(null, null, null, fetchedAt, millis, page.attempt());
    }

    private Outcome outcome(PageRequest page, Visited visited) {
        return switch (visited) {
            case Visited.Failed failed -> failed(failed.failure(), failed.metadata());
            case Visited.Done done -> throw new IllegalStateException("A page of a task has no routine.");
            case Visited.Page had -> {
                try {
                    yield extractor
                            .extract(page.account(), had.source(), page.plan(), null)
                            .map(found -> (Outcome) new Outcome.Scraped(found.data(), had.metadata(), had.screenshot()))
                            .orElseGet(() -> failed(PageFailure.busy(), had.metadata()));
                } catch (PageTooLargeException tooLarge) {
                    yield failed(
                            PageFailure.of(ErrorCode.TOO_LARGE, String.valueOf(tooLarge.getMessage())), had.metadata());
                } catch (ExtractionException failure) {
                    yield failed(
                            PageFailure.of(ErrorCode.EXTRACTION_FAILED, String.valueOf(failure.getMessage())),
                            had.metadata());
                }
            }
        };
    }

    private static Outcome failed(PageFailure failure, PageMetadata metadata) {
        return new Outcome.Failed(
                failure.code(), failure.message(), failure.retryable(), failure.retryAfter(), metadata);
    }
}
