package io.bactrian.scrape.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.LoadState;
import io.bactrian.egress.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits until a page has come to rest: loaded, no request of a script without an answer, and its document left alone for a
 * moment. A page that never rests is taken as it is after a while.
 */
final class Settling {
    private static final Duration LONGEST_LOAD = Duration.ofSeconds(10);
    private static final Duration LONGEST_REST = Duration.ofSeconds(3);
    private static final int QUIET_MILLIS = 50;
    private static final int LONGEST_QUIET_MILLIS = 500;

    /** From the page's word that it goes elsewhere to its request. */
    private static final Duration LONGEST_EXPECTATION = Duration.ofSeconds(1);

    /** A page without scripts does not change, unless something has been done to it. */
    private static final String QUIET = """
            (quiet, longest, always) => !always && document.scripts.length === 0 ? true : new Promise(resolve => {
              const end = setTimeout(done, longest);
              let pause = setTimeout(done, quiet);
              const observer = new MutationObserver(() => { clearTimeout(pause); pause = setTimeout(done, quiet); });
              observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
              function done() { clearTimeout(end); clearTimeout(pause); observer.disconnect(); resolve(true); }
            })
            """;

    private final Tab tab;
    private final Deadline deadline;

    Settling(Tab tab, Deadline deadline) {
        this.tab = tab;
        this.deadline = deadline;
    }

    /** Waits for a document that has just been parsed. */
    void afterNavigation() {
        awaitLoad();
        rest(false);
    }

    /** Waits for what an action has brought about, a new document included. */
    void afterAction() {
        quiet(deadline.atMost(LONGEST_REST), true);
        rest(true);
    }

    private void awaitLoad() {
        try {
            tab.page()
                    .waitForLoadState(
                            LoadState.LOAD,
                            new Page.WaitForLoadStateOptions().setTimeout(millis(deadline.atMost(LONGEST_LOAD))));
        } catch (TimeoutError endless) {
            // Something of the page does not come; its document is here.
        }
    }

    private void rest(boolean always) {
        Deadline longest = deadline.atMost(LONGEST_REST);
        do {
            awaitRequest();
            boolean moved = awaitAnswers(longest);
            if (moved) {
                awaitLoad();
            }
            quiet(longest, always);
        } while (isMoving() && !longest.hasPassed());
    }

    private boolean isMoving() {
        return tab.interception().isExpecting() || tab.interception().isBusy();
    }

    private void awaitRequest() {
        Interception interception = tab.interception();
        if (interception.isExpecting()) {
            try {
                tab.page()
                        .waitForCondition(
                                () -> !interception.isExpecting(),
                                new Page.WaitForConditionOptions()
                                        .setTimeout(millis(deadline.atMost(LONGEST_EXPECTATION))));
            } catch (TimeoutError nothing) {
                interception.expectNothing();
            }
        }
    }

    /** Whether there was another document to wait for. */
    private boolean awaitAnswers(Deadline longest) {
        Interception interception = tab.interception();
        boolean navigating = interception.isNavigating();
        if (interception.isBusy()) {
            try {
                // Another document is worth all the time that is left, an answer to a script is not.
                tab.page()
                        .waitForCondition(
                                () -> !interception.isNavigating(),
                                new Page.WaitForConditionOptions().setTimeout(millis(deadline)));
                tab.page()
                        .waitForCondition(
                                () -> !interception.isBusy(),
                                new Page.WaitForConditionOptions().setTimeout(millis(longest)));
            } catch (TimeoutError endless) {
                return navigating;
            }
        }
        return navigating;
    }

    private void quiet(Deadline longest, boolean always) {
        long most = Math.min(LONGEST_QUIET_MILLIS, (long) millis(longest));
        if (most <= 1) {
            return;
        }
        if (!tab.key().javascript()) {
            // Without scripts, ours has no timer either.
            if (always) {
                tab.page().waitForTimeout(QUIET_MILLIS);
            }
            return;
        }
        try {
            tab.world().call(QUIET, Math.min(QUIET_MILLIS, most), most, always);
        } catch (PlaywrightException replaced) {
            if (!IsolatedWorld.isReplaced(replaced)) {
                throw replaced;
            }
        }
    }

    /** What is left until then; never 0, which would mean for ever. */
    static double millis(Deadline deadline) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos()));
    }
}
