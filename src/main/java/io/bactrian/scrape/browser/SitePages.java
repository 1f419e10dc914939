package io.bactrian.scrape.browser;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.BrowserOptions.ResourceKind;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.select.SelectorPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Visits pages of one site in the browser with routines of our own, under all the guards of a scraped page: what may be
 * connected to, robots.txt, deadline, traffic and memory.
 *
 * <p>Images, media and fonts are not loaded. The visits of a lane share the site's cookies, so that what the site asks of
 * every newcomer it asks once. Safe for use by many threads.
 */
public final class SitePages {
    private static final SelectorPlan MARKUP =
            SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));
    private static final BrowserOptions WITHOUT_PICTURES = new BrowserOptions(
            true,
            null,
            Duration.ZERO,
            List.of(),
            false,
            Set.of(ResourceKind.IMAGE, ResourceKind.MEDIA, ResourceKind.FONT));

    private final BrowserPool pool;
    private final BrowserVisits visits;

    SitePages(BrowserPool pool, BrowserVisits visits) {
        this.pool = pool;
        this.visits = visits;
    }

    /** Whether there is a browser to visit them with. */
    public boolean available() {
        return pool.available();
    }

    /**
     * Opens a page, as soon as a browser is free for it, and runs a routine on it.
     *
     * @throws BrowserFailedException if a browser did not start, or the service stops
     * @throws BrowserDiedException if a browser died under the page
     * @throws BrowserMissingException if there is no browser
     */
    public <T> SiteVisit<T> visit(SiteRequest request, PageRoutine<T> routine) {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        try {
            HttpUrl asked = HttpUrl.parse(request.url());
            PageRequest page = new PageRequest(request.url(), options(request), MARKUP, 1, request.lane());
            Visited visited = visits.visit(new Errand(page, asked, opened -> result.set(routine.run(opened))));
            @Nullable T brought = result.get();
            if (visited instanceof Visited.Failed failed) {
                @Nullable String url = failed.metadata().finalUrl();
                return new SiteVisit.Failed<>(failed.failure(), url == null ? request.url() : url);
            }
            return brought == null
                    ? failed(request, ErrorCode.NOT_HTML, "The page is no page of HTML.")
                    : new SiteVisit.Done<>(brought);
        } catch (EgressRefusedException refused) {
            return failed(request, ErrorCode.EGRESS_REFUSED, String.valueOf(refused.getMessage()));
        } catch (EgressFailedException failure) {
            return new SiteVisit.Failed<>(PageFailure.of(failure), request.url());
        }
    }

    private static <T> SiteVisit<T> failed(SiteRequest request, ErrorCode code, String message) {
        return new SiteVisit.Failed<>(PageFailure.of(code, message), request.url());
    }

    private static ScrapeOptions options(SiteRequest request) {
        return new ScrapeOptions(
                true,
                request.timeout(),
                Map.of("Accept-Language", request.language()),
                Map.of(),
                request.respectRobotsTxt(),
                request.proxyPool() == null ? null : new ProxyRotation(request.proxyPool(), true),
                WITHOUT_PICTURES);
    }
}
