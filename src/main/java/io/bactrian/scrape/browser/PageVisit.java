package io.bactrian.scrape.browser;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.LoadState;
import com.microsoft.playwright.options.WaitForSelectorState;
import com.microsoft.playwright.options.WaitUntilState;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.BrowserSelector;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.Screenshot;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.page.TaskFields;
import io.bactrian.scrape.select.PageSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One visit of one page in a tab: navigation, waiting, actions, screenshot, document. Used once, by the tab's thread. */
final class PageVisit {
    private static final Logger LOG = LoggerFactory.getLogger(PageVisit.class);

    private final Tab tab;
    private final Errand errand;
    private final BrowserOptions options;
    private final MainDocument document;
    private final Deadline deadline;
    private final Settling settling;
    private final Instant fetchedAt;
    private final long begun = System.nanoTime();

    PageVisit(Tab tab, Errand errand, MainDocument document, Instant fetchedAt) {
        this.tab = tab;
        this.errand = errand;
        this.options = errand.browser();
        this.document = document;
        this.deadline = document.deadline();
        this.settling = new Settling(tab, deadline);
        this.fetchedAt = fetchedAt;
    }

    /** @throws PlaywrightException if the page, the browser or the driver is there no more */
    Visited run() {
        Map<String, String> secrets = new LinkedHashMap<>();
        TaskFields.headers(errand.options(), true).forEach((name, value) -> {
            if (!TaskFields.isHarmless(name)) {
                secrets.put(name, value);
            }
        });
        tab.interception().begin(document, errand.page().trusted(), options.blocked(), secrets);
        try {
            tab.prepare(errand);
            return visit();
        } catch (PageFailedException failed) {
            return failed(failed.failure());
        } catch (PlaywrightException failure) {
            if (tab.isCrashed()) {
                return failed(crashed());
            }
            @Nullable PageFailure own = document.failure();
            if (own != null && !IsLost.of(failure)) {
                return failed(own);
            }
            throw failure;
        } finally {
            tab.interception().end();
        }
    }

    static PageFailure crashed() {
        return PageFailure.of(
                ErrorCode.EXTRACTION_FAILED,
                "The page crashes its tab in the browser; mostly it takes more memory than it may.");
    }

    private Visited visit() throws PageFailedException {
        navigate();
        if (document.body() != null) {
            return raw();
        }
        @Nullable Consumer<SitePage> routine = errand.routine();
        if (routine != null) {
            return perform(routine);
        }
        settling.afterNavigation();
        check();
        awaitSelector();
        new PageActions(tab, document, deadline, settling).perform(options.actions());
        PageActions.pause(tab.page(), options.pause(), deadline);
        check();
        if (document.body() != null) {
            return raw();
        }
        @Nullable Screenshot screenshot = options.screenshot() ? Camera.picture(tab) : null;
        RenderedDocument rendered = RenderedDocument.read(tab.world(), document.maxBodySize());
        check();
        String base = base(rendered.url());
        return new Visited.Page(
                PageSource.html(rendered.html(), StandardCharsets.UTF_8, base), screenshot, metadata(base));
    }

    private Visited perform(Consumer<SitePage> routine) throws PageFailedException {
        try {
            routine.accept(new TabPage(tab, document, settling));
        } catch (RoutineEndedException ended) {
            throw new PageFailedException(ended.failure());
        } catch (PlaywrightException failure) {
            throw failure;
        } catch (RuntimeException defect) {
            LOG.error("The routine of {} failed unexpectedly", errand.asked(), defect);
            throw new PageFailedException(ErrorCode.EXTRACTION_FAILED, "The page could not be processed.");
        }
        check();
        return new Visited.Done(metadata(base(tab.page().url())));
    }

    private void navigate() throws PageFailedException {
        Page page = tab.page();
        try {
            @Nullable
            Response response = page.navigate(
                    errand.asked().toString(),
                    new Page.NavigateOptions()
                            .setWaitUntil(WaitUntilState.DOMCONTENTLOADED)
                            .setTimeout(Settling.millis(deadline)));
            check();
            @Nullable String broken = response == null ? null : response.finished();
            if (broken != null) {
                throw failed(broken);
            }
        } catch (TimeoutError late) {
            checkRefused();
            throw new PageFailedException(late());
        } catch (PlaywrightException failure) {
            checkRefused();
            if (document.body() != null) {
                return;
            }
            String message = String.valueOf(failure.getMessage());
            if (tab.isCrashed() || IsLost.of(failure)) {
                throw failure;
            }
            if (!message.contains("interrupted by another navigation")
                    && !(message.contains("net::ERR_ABORTED")
                            && tab.interception().isNavigating())) {
                throw failed(message);
            }
            // The page's scripts have sent it elsewhere before it was there.
            follow(page);
        }
    }

    private void follow(Page page) throws PageFailedException {
        try {
            page.waitForCondition(
                    () -> !tab.interception().isNavigating(),
                    new Page.WaitForConditionOptions().setTimeout(Settling.millis(deadline)));
            check();
            page.waitForLoadState(
                    LoadState.DOMCONTENTLOADED,
                    new Page.WaitForLoadStateOptions().setTimeout(Settling.millis(deadline)));
        } catch (TimeoutError late) {
            checkRefused();
            throw new PageFailedException(late());
        }
    }

    private PageFailure late() {
        @Nullable PageFailure network = document.networkFailure();
        return network != null
                ? network
                : PageFailure.of(
                        ErrorCode.TIMEOUT,
                        "The page was not there within its timeout of "
                                + errand.options().timeout().toSeconds() + " seconds.");
    }

    private PageFailedException failed(String message) {
        @Nullable PageFailure network = document.networkFailure();
        if (network == null) {
            network = NavigationFailure.of(message, document.url());
        }
        return new PageFailedException(
                network != null
                        ? network
                        : PageFailure.of(
                                ErrorCode.EXTRACTION_FAILED,
                                "The browser could not open the page: " + PageFailure.printable(message, 200)));
    }

    private void awaitSelector() throws PageFailedException {
        @Nullable String selector = options.waitForSelector();
        if (selector == null) {
            return;
        }
        @Nullable String problem = BrowserSelector.problem(selector);
        String name = "wait_for_selector '" + PageFailure.printable(selector, 200) + "'";
        if (problem == null) {
            try {
                tab.page()
                        .locator(BrowserSelector.of(selector).forPlaywright())
                        .first()
                        .waitFor(new Locator.WaitForOptions()
                                .setState(WaitForSelectorState.ATTACHED)
                                .setTimeout(Settling.millis(deadline)));
                check();
                return;
            } catch (TimeoutError late) {
                checkThere();
                throw new PageFailedException(
                        ErrorCode.SELECTOR_TIMEOUT,
                        "What " + name + " names did not appear within the page's timeout of "
                                + errand.options().timeout().toSeconds() + " seconds.");
            } catch (PlaywrightException failure) {
                checkThere();
                if (tab.isCrashed() || IsLost.of(failure)) {
                    throw failure;
                }
                problem = PageFailure.printable(BrowserProcess.firstLine(failure), 300);
            }
        }
        throw new PageFailedException(new PageFailure(
                ErrorCode.SELECTOR_TIMEOUT, "The browser cannot use " + name + ": " + problem, false, null));
    }

    /** @throws PageFailedException if what the page, or an action, led to is refused or cannot be had */
    private void check() throws PageFailedException {
        checkThere();
        if (deadline.hasPassed()) {
            throw new PageFailedException(
                    ErrorCode.TIMEOUT,
                    "The page was not ready within its timeout of "
                            + errand.options().timeout().toSeconds() + " seconds.");
        }
    }

    /** @throws PageFailedException if what the page has moved to is refused, or did not come */
    private void checkThere() throws PageFailedException {
        checkRefused();
        @Nullable PageFailure missing = document.missing();
        if (missing != null) {
            throw new PageFailedException(missing);
        }
    }

    private void checkRefused() throws PageFailedException {
        @Nullable PageFailure failure = document.failure();
        if (failure != null) {
            throw new PageFailedException(failure);
        }
    }

    private Visited raw() {
        String base = document.url().toString();
        PageAnswer answer = document.answer();
        byte[] body = document.body();
        if (answer == null || body == null) {
            throw new IllegalStateException("The page has no body.");
        }
        return new Visited.Page(answer.source(body, base), null, metadata(base));
    }

    /** Where the document is, if it is at an address of the web. */
    private String base(String url) {
        try {
            return HttpUrl.parse(url).toString();
        } catch (EgressRefusedException elsewhere) {
            return document.url().toString();
        }
    }

    Visited.Failed failed(PageFailure failure) {
        @Nullable HttpUrl answered = errand.routine() == null ? document.answered() : document.url();
        return new Visited.Failed(failure, metadata(answered == null ? null : answered.toString()));
    }

    private PageMetadata metadata(@Nullable String url) {
        @Nullable PageAnswer answer = document.answer();
        boolean moved = url != null && !url.equals(errand.asked().toString());
        return new PageMetadata(
                url == null || moved ? url : errand.page().url(),
                answer == null ? null : answer.head().status(),
                answer == null ? null : answer.head().header("Content-Type"),
                fetchedAt,
                Duration.ofNanos(System.nanoTime() - begun).toMillis(),
                errand.page().attempt());
    }
}
