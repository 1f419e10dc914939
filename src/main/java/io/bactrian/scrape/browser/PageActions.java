package io.bactrian.scrape.browser;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.bactrian.egress.Deadline;
import io.bactrian.scrape.BrowserSelector;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.page.PageFailure;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what a task asks for on a page, in order. */
final class PageActions {
    /** Longer texts come at once and not key by key. */
    private static final int LONGEST_TYPED = 200;

    private static final int LONGEST_GROWTH_MILLIS = 700;

    private static final String ELEMENT = """
              const find = () => xpath
                ? document.evaluate(expression, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue
                : expression ? document.querySelector(expression) : document.scrollingElement || document.documentElement;
              const measure = element => [element.scrollHeight, document.getElementsByTagName('*').length];
            """;

    /** Scrolls to the end; tells how high and how full the page was before. */
    private static final String SCROLL = "(expression, xpath) => {" + ELEMENT + """
              const element = find();
              if (!element) return null;
              const before = measure(element);
              element.scrollTo(0, element.scrollHeight);
              return before;
            }
            """;

    /** Waits until the page has grown; tells whether it did. */
    private static final String GROWTH = "(expression, xpath, height, count, longest) => {" + ELEMENT + """
              return new Promise(resolve => {
                const end = performance.now() + longest;
                const look = () => {
                  const element = find();
                  const now = element ? measure(element) : [0, 0];
                  if (now[0] > height || now[1] > count) resolve(true);
                  else if (performance.now() > end) resolve(false);
                  else setTimeout(look, 25);
                };
                look();
              });
            }
            """;

    private final Tab tab;
    private final Page page;
    private final MainDocument document;
    private final Deadline deadline;
    private final Settling settling;

    PageActions(Tab tab, MainDocument document, Deadline deadline, Settling settling) {
        this.tab = tab;
        this.page = tab.page();
        this.document = document;
        this.deadline = deadline;
        this.settling = settling;
    }

    /** @throws PageFailedException with the index of the action that could not be done */
    void perform(List<PageAction> actions) throws PageFailedException {
        for (int index = 0; index < actions.size(); index++) {
            PageAction action = actions.get(index);
            try {
                perform(action);
                settling.afterAction();
            } catch (PlaywrightException failure) {
                throwOwnFailure();
                if (tab.isCrashed() || IsLost.of(failure)) {
                    throw failure;
                }
                throw new PageFailedException(
                        ErrorCode.ACTION_FAILED,
                        "Action " + index + " (" + name(action) + ") failed: " + why(action, failure));
            }
            throwOwnFailure();
            if (deadline.hasPassed()) {
                throw new PageFailedException(
                        ErrorCode.TIMEOUT,
                        "The page's timeout passed during action " + index + " (" + name(action) + ").");
            }
        }
    }

    private void throwOwnFailure() throws PageFailedException {
        @Nullable PageFailure failure = document.failure();
        if (failure != null) {
            throw new PageFailedException(failure);
        }
    }

    private void perform(PageAction action) {
        double timeout = Settling.millis(deadline);
        switch (action) {
            case PageAction.Click click ->
                locator(click.selector()).click(new Locator.ClickOptions().setTimeout(timeout));
            case PageAction.Type type -> type(type, timeout);
            case PageAction.Press press -> press(press, timeout);
            case PageAction.Scroll scroll -> scroll(scroll);
            case PageAction.Wait wait -> wait(wait, timeout);
        }
    }

    private void type(PageAction.Type type, double timeout) {
        Locator field = locator(type.selector());
        if (type.text().length() > LONGEST_TYPED) {
            field.fill(type.text(), new Locator.FillOptions().setTimeout(timeout));
        } else {
            field.fill("", new Locator.FillOptions().setTimeout(timeout));
            field.pressSequentially(type.text(), new Locator.PressSequentiallyOptions().setTimeout(timeout));
        }
    }

    private void press(PageAction.Press press, double timeout) {
        if (press.selector() == null) {
            page.keyboard().press(press.key());
        } else {
            locator(press.selector()).press(press.key(), new Locator.PressOptions().setTimeout(timeout));
        }
    }

    private void wait(PageAction.Wait wait, double timeout) {
        if (wait.selector() == null) {
            pause(page, wait.duration(), deadline);
        } else {
            locator(wait.selector())
                    .waitFor(new Locator.WaitForOptions()
                            .setState(WaitForSelectorState.ATTACHED)
                            .setTimeout(timeout));
        }
    }

    /** Lets time pass, but not beyond the deadline. */
    static void pause(Page page, Duration duration, Deadline deadline) {
        if (duration.isPositive()) {
            page.waitForTimeout(Math.min((double) duration.toMillis(), Settling.millis(deadline)));
        }
    }

    private void scroll(PageAction.Scroll scroll) {
        @Nullable String selector = scroll.selector();
        BrowserSelector of = BrowserSelector.of(selector == null ? "" : selector);
        if (selector != null) {
            locator(selector)
                    .waitFor(new Locator.WaitForOptions()
                            .setState(WaitForSelectorState.ATTACHED)
                            .setTimeout(Settling.millis(deadline)));
        }
        boolean grew = true;
        for (int time = 0; time < scroll.times() && grew && !deadline.hasPassed(); time++) {
            grew = scrollOnce(of);
        }
    }

    /** Scrolls an element to its end; whether it has grown then. */
    boolean scrollOnce(BrowserSelector of) {
        boolean xpath = of.engine() == BrowserSelector.Engine.XPATH;
        JsonElement before = tab.world().call(SCROLL, of.expression(), xpath);
        if (before.isJsonNull()) {
            throw new PlaywrightException("the element is gone");
        }
        JsonArray sizes = before.getAsJsonArray();
        // Without scripts nothing is added to a page, and nothing of ours waits in it either.
        boolean grew = tab.key().javascript()
                && hasGrown(
                        of.expression(),
                        xpath,
                        sizes.get(0).getAsDouble(),
                        sizes.get(1).getAsDouble());
        settling.afterAction();
        return grew;
    }

    /** As long as a script waits for an answer, the page may still grow. */
    private boolean hasGrown(String expression, boolean xpath, double height, double count) {
        boolean grew = false;
        boolean busy = true;
        while (!grew && busy && !deadline.hasPassed()) {
            double longest = Math.min(LONGEST_GROWTH_MILLIS, Settling.millis(deadline));
            grew = tab.world()
                    .call(GROWTH, expression, xpath, height, count, longest)
                    .getAsBoolean();
            busy = tab.interception().isBusy();
        }
        return grew;
    }

    private Locator locator(String selector) {
        @Nullable String problem = BrowserSelector.problem(selector);
        if (problem != null) {
            throw new PlaywrightException(problem);
        }
        return page.locator(BrowserSelector.of(selector).forPlaywright()).first();
    }

    private String why(PageAction action, PlaywrightException failure) {
        @Nullable String selector = selector(action);
        if (!(failure instanceof TimeoutError) || selector == null) {
            return PageFailure.printable(BrowserProcess.firstLine(failure), 300);
        }
        int found = locator(selector).count();
        return found == 0
                ? "nothing on the page matches it within the page's timeout."
                : "what it matches could not be acted on within the page's timeout: it is hidden, disabled, covered or"
                        + " of another kind.";
    }

    private static @Nullable String selector(PageAction action) {
        return switch (action) {
            case PageAction.Click click -> click.selector();
            case PageAction.Type type -> type.selector();
            case PageAction.Press press -> press.selector();
            case PageAction.Scroll scroll -> scroll.selector();
            case PageAction.Wait wait -> wait.selector();
        };
    }

    private static String name(PageAction action) {
        String type = switch (action) {
            case PageAction.Click click -> "click";
            case PageAction.Type text -> "type";
            case PageAction.Press press -> "press " + press.key();
            case PageAction.Scroll scroll -> "scroll";
            case PageAction.Wait wait -> "wait";
        };
        @Nullable String selector = selector(action);
        return PageFailure.printable(selector == null ? type : type + " '" + selector + "'", 200);
    }
}
