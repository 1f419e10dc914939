package io.bactrian.scrape.html;

import io.bactrian.Shares;
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
import io.bactrian.scrape.Sites;
import io.bactrian.scrape.TrustedOrigins;
import io.bactrian.scrape.page.MediaType;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.RobotsVerdict;
import io.bactrian.scrape.select.ExtractionException;
import io.bactrian.scrape.select.PageSource;
import io.bactrian.scrape.select.PageTooLargeException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one page: its redirects, its answer, and what the selectors find in it. Used once, by one thread. */
final class PageAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(PageAttempt.class);

    /** Of a page, as clients may give it. */
    private static final int LONGEST_URL = 2_048;

    /** Each node reads robots.txt once; a page that finds it forgotten again and again is not kept from its end. */
    private static final int MOST_ROBOTS_READS = 5;

    private final HtmlScraper scraper;
    private final PageRequest page;
    private final Instant begunAt;
    private final PageProxy proxy;
    private final long begun = System.nanoTime();

    private final List<Shares.Share> bodyShares = new ArrayList<>();
    private @Nullable Integer status;
    private @Nullable String contentType;
    private @Nullable String finalUrl;
    private @Nullable CacheVisit visit;
    private @Nullable CachedPage answer;

    PageAttempt(HtmlScraper scraper, PageRequest page) {
        this.scraper = scraper;
        this.page = page;
        this.proxy = new PageProxy(scraper.client, scraper.proxies, page);
        this.begunAt = scraper.clock.instant();
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
        } catch (PageTooLargeException tooLarge) {
            return failed(PageFailure.of(ErrorCode.TOO_LARGE, String.valueOf(tooLarge.getMessage())));
        } catch (CancellationException interrupted) {
            return failed(PageFailure.of(ErrorCode.TIMEOUT, "The page's processing was interrupted."));
        } catch (RuntimeException | StackOverflowError defect) {
            // A row and not an exception, for a page that kills its lane would come again and kill the next.
            LOG.error("Scraping {} failed unexpectedly", page.url(), defect);
            return failed(PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page could not be processed."));
        } finally {
            bodyShares.forEach(Shares.Share::close);
        }
    }

    private Outcome fetch() {
        ScrapeOptions options = page.options();
        Deadline deadline = Deadline.in(options.timeout());
        HttpUrl asked = HttpUrl.parse(page.url());
        TrustedOrigins trusted = page.trusted();
        visit = CacheVisit.begin(scraper.cache, asked, options, trusted, begunAt);
        @Nullable Hop hop = page.hop();
        HttpUrl url = hop == null ? asked : HttpUrl.parse(hop.url());
        int first = hop == null ? 0 : hop.redirects();
        for (int redirects = first; redirects <= PageAnswer.MOST_REDIRECTS; redirects++) {
            boolean takesTurns = page.takesTurns().test(url);
            if (takesTurns && redirects > first) {
                return unfinished(url, redirects, 0);
            }
            int reads = hop == null ? 0 : hop.robotsReads();
            boolean usesTurn = takesTurns && reads < MOST_ROBOTS_READS && readsRobots(url);
            @Nullable PageFailure disallowed = disallowed(url, deadline);
            if (disallowed != null) {
                return failed(disallowed);
            }
            @Nullable CachedPage fresh = redirects > 0 || visit == null ? null : visit.fresh();
            if (fresh != null && mayAnswer(fresh, asked)) {
                return unasked(asked, fresh, deadline);
            }
            if (usesTurn) {
                return unfinished(url, redirects, reads + 1);
            }
            EgressResponse response = request(url, trusted, options, deadline);
            ResponseHead head = response.head();
            status = head.status();
            contentType = head.header("Content-Type");
            finalUrl = redirects == 0 ? page.url() : url.toString();
            @Nullable CachedPage confirmed = visit == null ? null : visit.confirmed(url, head);
            if (confirmed != null) {
                return cached(url, confirmed);
            }
            @Nullable String location = answer(head).redirection();
            if (location == null || !options.followRedirects()) {
                return outcome(url, response);
            }
            url = url.resolve(location);
        }
        return failed(PageAnswer.tooManyRedirects());
    }

    private @Nullable PageFailure disallowed(HttpUrl url, Deadline deadline) {
        if (!page.options().respectRobotsTxt()) {
            return null;
        }
        RobotsVerdict verdict = scraper.robots.check(url, deadline);
        return verdict.allowed() ? null : PageFailure.of(ErrorCode.ROBOTS_DISALLOWED, verdict.reason());
    }

    /** Whether a robots.txt has to be requested before the URL may be. */
    private boolean readsRobots(HttpUrl url) {
        return page.options().respectRobotsTxt() && !scraper.robots.knows(url);
    }

    /** Whether a page can be given without a request out of turn to the host that it was redirected to. */
    private boolean mayAnswer(CachedPage fresh, HttpUrl asked) {
        HttpUrl url = HttpUrl.parse(fresh.finalUrl());
        return url.host().equals(asked.host()) || !page.takesTurns().test(url) || !readsRobots(url);
    }

    /** A page of the cache without a request; what may be fetched now is what may be given. */
    private Outcome unasked(HttpUrl asked, CachedPage fresh, Deadline deadline) {
        HttpUrl url = HttpUrl.parse(fresh.finalUrl());
        scraper.client.check(asked, deadline);
        boolean moved = !url.toString().equals(asked.toString());
        finalUrl = moved ? url.toString() : page.url();
        if (moved) {
            scraper.client.check(url, deadline);
            @Nullable PageFailure disallowed = disallowed(url, deadline);
            if (disallowed != null) {
                return failed(disallowed);
            }
        }
        return cached(url, fresh);
    }

    private Outcome cached(HttpUrl url, CachedPage kept) {
        answer = kept;
        status = 200;
        contentType = kept.contentType();
        MediaType type = MediaType.of(contentType);
        return PageAnswer.isReadable(type, page.plan())
                ? scraped(PageAnswer.source(type, kept.body(), url.toString()))
                : failed(PageAnswer.unreadable(contentType));
    }

    private Outcome unfinished(HttpUrl next, int redirects, int robotsReads) {
        return new Outcome.Unfinished(new Hop(next.toString(), redirects, robotsReads), metadata(sinceBegin()));
    }

    private EgressResponse request(HttpUrl url, TrustedOrigins trusted, ScrapeOptions options, Deadline deadline) {
        EgressRequest.Builder request = EgressRequest.get(url)
                .deadline(deadline)
                .bodyLimit(this::wantedBytes)
                .bodyMemory(bytes -> grow(bytes, deadline));
        scraper.fields.addTo(request, url, trusted, options);
        if (visit != null) {
            visit.addConditions(request, url);
        }
        return proxy.execute(request);
    }

    private void grow(int bytes, Deadline deadline) throws IOException {
        try {
            bodyShares.add(scraper.extractor
                    .bodies()
                    .take(page.account(), bytes, deadline.remainingNanos())
                    .orElseThrow(() -> new SocketTimeoutException("no memory was left for the page in time")));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the page waited for memory");
        }
    }

    private int wantedBytes(ResponseHead head) {
        return answer(head).isWanted() ? scraper.maxBodySize : 0;
    }

    private PageAnswer answer(ResponseHead head) {
        return new PageAnswer(head, page.plan(), scraper.maxBodySize);
    }

    private Outcome outcome(HttpUrl url, EgressResponse response) {
        PageAnswer head = answer(response.head());
        @Nullable PageFailure failure = head.failure(scraper.clock);
        if (failure != null) {
            return failed(failure);
        }
        if (response.isTruncated()) {
            return failed(PageAnswer.tooLarge(head.maxBodySize()));
        }
        if (visit != null) {
            visit.keep(url, response);
        }
        return scraped(PageAnswer.source(head.mediaType(), response.body(), url.toString()));
    }

    private Outcome scraped(PageSource source) {
        Duration fetched = sinceBegin();
        return scraper.extractor
                .extract(page.account(), source, page.plan(), page.options().next())
                .map(found -> (Outcome) new Outcome.Scraped(found.data(), metadata(fetched), null, next(found.next())))
                .orElseGet(() -> failed(PageFailure.busy()));
    }

    /** What follows the page, if it is of the same site. */
    private @Nullable String next(@Nullable String found) {
        if (found == null) {
            return null;
        }
        try {
            HttpUrl url = HttpUrl.parse(found);
            String text = url.toString();
            return text.length() <= LONGEST_URL && Sites.same(HttpUrl.parse(page.url()), url) ? text : null;
        } catch (EgressRefusedException noPage) {
            return null;
        }
    }

    private Outcome failed(PageFailure failure) {
        return new Outcome.Failed(
                failure.code(), failure.message(), failure.retryable(), failure.retryAfter(), metadata(sinceBegin()));
    }

    private PageMetadata metadata(Duration duration) {
        @Nullable CachedPage kept = answer;
        return new PageMetadata(
                finalUrl,
                status,
                contentType,
                kept == null || visit == null || visit.fresh() == null ? begunAt : kept.fetchedAt(),
                duration.toMillis(),
                page.attempt(),
                page.options().caching() == null ? null : kept != null);
    }

    private Duration sinceBegin() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
