package io.bactrian.scrape.html;

import crawlercommons.sitemaps.SiteMapParser;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Sites;
import io.bactrian.scrape.TrustedOrigins;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.HostPace;
import io.bactrian.scrape.polite.RobotsVerdict;
import io.bactrian.scrape.polite.Turn;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** One reading of a sitemap: its files one after another, an index before what it refers to. Used once, by one thread. */
final class SitemapWalk {
    static final int MOST_FILES = 500;
    static final int MOST_DEPTH = 3;
    static final Duration LONGEST = Duration.ofMinutes(2);

    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_PROBLEMS = 10;

    /** Nearly all files are smaller; only one larger one at a time is in memory. */
    private static final int ORDINARY = 8 * 1024 * 1024;

    /** By the protocol, decompressed. */
    private static final int LARGEST = SiteMapParser.MAX_BYTES_ALLOWED;

    /** Of all URLs together, as many as the body of a request could have. */
    private static final long MOST_CHARACTERS = 16L << 20;

    private final SitemapReader reader;
    private final SitemapRequest request;
    private final PageProxy proxy;
    private final Deadline deadline = Deadline.in(LONGEST);
    private final Deque<Ahead> ahead = new ArrayDeque<>();
    private final Set<String> filesSeen = new HashSet<>();
    private final Set<String> pagesSeen = new HashSet<>();
    private final List<String> pages = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private TrustedOrigins trusted = TrustedOrigins.of(PageRequest.NO_ORIGIN, Set.of());
    private int files;
    private int elsewhere;
    private long characters;

    private record Ahead(HttpUrl url, int depth) {}

    SitemapWalk(SitemapReader reader, SitemapRequest request) {
        this.reader = reader;
        this.request = request;
        this.proxy =
                new PageProxy(reader.client, reader.proxies, request.options().proxies(), request.url());
    }

    Sitemap run() {
        HttpUrl root;
        try {
            root = HttpUrl.parse(request.url());
        } catch (EgressRefusedException refused) {
            return failed(new Sitemap.Failure(String.valueOf(refused.getMessage()), false, null));
        }
        trusted = TrustedOrigins.of(root.origin(), request.options().headersFor());
        request.known().forEach(this::know);
        ahead.add(new Ahead(root, 1));
        filesSeen.add(root.toString());
        Sitemap.@Nullable Failure first = null;
        while (!ahead.isEmpty() && !full() && request.mayGoOn().getAsBoolean()) {
            if (files >= MOST_FILES || deadline.hasPassed()) {
                problem(
                        files >= MOST_FILES
                                ? "The sitemap has more than " + MOST_FILES + " files: the rest was not read."
                                : "The sitemap could not be read within " + LONGEST.toMinutes() + " minutes.");
                break;
            }
            Ahead next = ahead.removeFirst();
            files++;
            try {
                take(root, next, read(next.url()));
            } catch (SitemapProblem problem) {
                problem(problem.sentence());
                first = first == null ? problem.failure() : first;
            }
        }
        if (!pages.isEmpty()) {
            return new Sitemap(pages, files, problems, null);
        }
        return failed(first != null ? first : new Sitemap.Failure(nothing(root), false, null));
    }

    private Sitemap failed(Sitemap.Failure failure) {
        return new Sitemap(List.of(), files, problems, failure);
    }

    private String nothing(HttpUrl root) {
        if (!problems.isEmpty()) {
            return problems.getFirst();
        }
        return elsewhere > 0
                ? "The sitemap " + root + " lists no pages of its own host, but " + elsewhere + " of others."
                : "The sitemap " + root + " lists no pages"
                        + (request.include() == null && request.known().isEmpty() ? "." : " that are wanted.");
    }

    private boolean full() {
        return pages.size() >= request.limit() || characters > MOST_CHARACTERS;
    }

    private void problem(String sentence) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(sentence);
        }
    }

    private void know(String url) {
        try {
            pagesSeen.add(HttpUrl.parse(url).toString());
        } catch (EgressRefusedException noUrl) {
            // Then no sitemap can name it either.
        }
    }

    private void take(HttpUrl root, Ahead place, SitemapFile file) {
        List<Ahead> children = new ArrayList<>();
        for (String text : file.urls()) {
            @Nullable HttpUrl url = ofTheHost(root, text);
            if (url == null) {
                continue;
            }
            if (!file.index()) {
                add(url);
            } else if (children.size() < MOST_FILES && filesSeen.add(url.toString())) {
                children.add(new Ahead(url, place.depth() + 1));
            }
            if (full()) {
                return;
            }
        }
        if (place.depth() >= MOST_DEPTH && !children.isEmpty()) {
            problem("The sitemap " + place.url() + " is an index within " + (MOST_DEPTH - 1)
                    + " others: what it refers to was not read.");
            return;
        }
        children.reversed().forEach(ahead::addFirst);
    }

    private @Nullable HttpUrl ofTheHost(HttpUrl root, String text) {
        try {
            HttpUrl url = HttpUrl.parse(text);
            if (Sites.same(root, url)) {
                return url;
            }
        } catch (EgressRefusedException noPage) {
            // Not a URL that could be requested: counted like those of other hosts.
        }
        elsewhere++;
        return null;
    }

    private void add(HttpUrl url) {
        String page = url.toString();
        if (page.length() <= SitemapFile.LONGEST_URL
                && (request.include() == null || request.include().isFoundIn(page))
                && pagesSeen.add(page)) {
            pages.add(page);
            characters += page.length();
        }
    }

    private SitemapFile read(HttpUrl url) throws SitemapProblem {
        @Nullable SitemapFile ordinary = read(url, ORDINARY);
        if (ordinary != null) {
            return ordinary;
        }
        boolean mayBeLarge = false;
        try {
            mayBeLarge = reader.large.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            @Nullable SitemapFile large = mayBeLarge ? read(url, LARGEST) : null;
            if (large != null) {
                return large;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            if (mayBeLarge) {
                reader.large.release();
            }
        }
        throw mayBeLarge
                ? new SitemapProblem("The sitemap " + url + " is larger than 50 MB.")
                : new SitemapProblem("The sitemap " + url + " could not be read in time.", true, null);
    }

    /** Null where the file is larger than that. */
    private @Nullable SitemapFile read(HttpUrl url, int limit) throws SitemapProblem {
        EgressResponse response;
        try {
            response = fetch(url, limit);
        } catch (EgressRefusedException refused) {
            throw new SitemapProblem(String.valueOf(refused.getMessage()));
        } catch (EgressFailedException failure) {
            PageFailure why = PageFailure.of(failure);
            throw new SitemapProblem(
                    "The sitemap " + url + " could not be had: " + why.message(), why.retryable(), null);
        }
        byte @Nullable [] content = response.isTruncated() ? null : decompressed(url, response.body(), limit);
        return content == null ? null : SitemapFile.parse(url, content);
    }

    private EgressResponse fetch(HttpUrl asked, int limit) throws SitemapProblem {
        HttpUrl url = asked;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            checkRobots(url);
            HttpUrl here = url;
            EgressResponse response = inTurn(here, () -> request(here, limit));
            @Nullable String location = response.head().header("Location");
            if (response.status() / 100 != 3 || location == null) {
                if (response.status() / 100 != 2) {
                    PageFailure why = PageFailure.ofStatus(response.head(), reader.clock);
                    throw new SitemapProblem(
                            "The sitemap " + asked + " could not be had: " + why.message(),
                            why.retryable(),
                            why.retryAfter());
                }
                return response;
            }
            url = url.resolve(location);
        }
        throw new SitemapProblem("The sitemap " + asked + " redirected more than " + MOST_REDIRECTS + " times.");
    }

    private EgressResponse request(HttpUrl url, int limit) {
        EgressRequest.Builder message = EgressRequest.get(url)
                .deadline(deadline.atMost(request.options().timeout()))
                .bodyLimit(head -> head.status() / 100 == 2 ? limit : 0);
        reader.fields.addTo(message, url, trusted, request.options());
        return proxy.execute(message);
    }

    private void checkRobots(HttpUrl url) throws SitemapProblem {
        if (!request.options().respectRobotsTxt()) {
            return;
        }
        Supplier<RobotsVerdict> check =
                () -> reader.robots.check(url, deadline.atMost(request.options().timeout()));
        RobotsVerdict verdict = reader.robots.knows(url) ? check.get() : inTurn(url, check);
        if (!verdict.allowed()) {
            throw new SitemapProblem("The sitemap " + url + " may not be read. " + verdict.reason());
        }
    }

    /** Sends something to a host when it is its turn; a sitemap has no lane to wait in, but a queue and a time of its own. */
    private <T> T inTurn(HttpUrl url, Supplier<T> sending) throws SitemapProblem {
        @Nullable
        HostPace pace = reader.hosts.paceOf(url.toString(), request.options().respectRobotsTxt());
        if (pace == null || !pace.limited()) {
            return sending.get();
        }
        Turn turn = reader.hosts.take(pace, false, request.options().timeout());
        while (turn instanceof Turn.Later later) {
            await(url, later.slot());
            turn = reader.hosts.take(pace, true, request.options().timeout());
        }
        try {
            return sending.get();
        } finally {
            if (turn instanceof Turn.Now now && now.lease() != null) {
                reader.hosts.release(pace, now.lease());
            }
        }
    }

    private void await(HttpUrl url, Instant slot) throws SitemapProblem {
        Duration wait = Duration.between(reader.clock.instant(), slot);
        boolean inTime = wait.toNanos() < deadline.remainingNanos();
        try {
            if (inTime && wait.isPositive()) {
                Thread.sleep(wait);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            inTime = false;
        }
        if (!inTime || !request.mayGoOn().getAsBoolean()) {
            throw new SitemapProblem("The sitemap " + url + " could not be read in time.", true, null);
        }
    }

    /** The content of a file that is gzip itself, whatever it is called; null where that is larger than the limit. */
    private static byte @Nullable [] decompressed(HttpUrl url, byte[] file, int limit) throws SitemapProblem {
        if (file.length < 2 || (file[0] & 0xFF) != 0x1F || (file[1] & 0xFF) != 0x8B) {
            return file;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(file))) {
            byte[] content = in.readNBytes(limit + 1);
            return content.length > limit ? null : content;
        } catch (IOException corrupt) {
            throw new SitemapProblem("The sitemap " + url + " is gzip that cannot be decompressed.");
        }
    }
}
