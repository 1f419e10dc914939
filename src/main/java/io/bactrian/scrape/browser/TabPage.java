package io.bactrian.scrape.browser;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import io.bactrian.egress.Deadline;
import io.bactrian.scrape.BrowserSelector;
import io.bactrian.scrape.BrowserSelector.Engine;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.PageFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The page of a tab under a visit, for its routine. */
final class TabPage implements SitePage {
    private static final Duration LONGEST_CLICK = Duration.ofSeconds(5);
    private static final int LONGEST_EVALUATION_MILLIS = 5_000;
    private static final int POLL_MILLIS = 50;

    private static final String COUNT = "selector => document.querySelectorAll(selector).length";

    private static final String SHOWS = """
            (selector, joined) => {
              const plain = text => text.replaceAll('\\u2019', "'").toLowerCase();
              const texts = joined ? plain(joined).split('\\n') : [];
              for (const element of document.querySelectorAll(selector)) {
                if (!texts.length) return true;
                const text = plain(element.innerText || element.textContent || '');
                if (texts.some(wanted => text.includes(wanted))) return true;
              }
              return false;
            }
            """;

    private final Tab tab;
    private final MainDocument document;
    private final Deadline deadline;
    private final Settling settling;
    private final PageActions actions;

    TabPage(Tab tab, MainDocument document, Settling settling) {
        this.tab = tab;
        this.document = document;
        this.deadline = document.deadline();
        this.settling = settling;
        this.actions = new PageActions(tab, document, deadline, settling);
    }

    @Override
    public String url() {
        check();
        return tab.page().url();
    }

    @Override
    public Duration left() {
        return Duration.ofNanos(Math.max(0, deadline.remainingNanos()));
    }

    @Override
    public int count(String selector) {
        check();
        return tab.world().call(COUNT, selector).getAsInt();
    }

    @Override
    public boolean shows(String selector, List<String> texts) {
        check();
        return tab.world().call(SHOWS, selector, String.join("\n", texts)).getAsBoolean();
    }

    @Override
    public boolean click(String selector) {
        check();
        Locator element = tab.page()
                .locator(new BrowserSelector(Engine.CSS, selector).forPlaywright())
                .filter(new Locator.FilterOptions().setVisible(true))
                .first();
        try {
            if (element.count() == 0) {
                return false;
            }
            element.click(new Locator.ClickOptions().setTimeout(Settling.millis(deadline.atMost(LONGEST_CLICK))));
        } catch (TimeoutError covered) {
            check();
            return false;
        }
        settling.afterAction();
        check();
        return true;
    }

    @Override
    public boolean scroll(String selector) {
        check();
        boolean grew = actions.scrollOnce(new BrowserSelector(Engine.CSS, selector));
        check();
        return grew;
    }

    @Override
    public boolean await(BooleanSupplier condition, Duration longest) {
        Deadline end = deadline.atMost(longest);
        while (!condition.getAsBoolean()) {
            if (end.hasPassed()) {
                return false;
            }
            tab.page().waitForTimeout(POLL_MILLIS);
            check();
        }
        return true;
    }

    @Override
    public void settle() {
        settling.afterNavigation();
        check();
    }

    @Override
    public @Nullable String variable(List<String> path, int longest) {
        check();
        JsonObject answer;
        try {
            answer = tab.session()
                    .send(
                            "Runtime.evaluate",
                            Json.object(
                                    "expression",
                                    reading(path, longest),
                                    "returnByValue",
                                    true,
                                    "timeout",
                                    Math.min(LONGEST_EVALUATION_MILLIS, Settling.millis(deadline))));
        } catch (PlaywrightException failure) {
            check();
            if (tab.isCrashed() || IsLost.of(failure)) {
                throw failure;
            }
            // The document is being replaced, or the page's own code did not come to an end.
            return null;
        }
        @Nullable JsonElement value = answer.getAsJsonObject("result").get("value");
        return value != null
                        && value.isJsonPrimitive()
                        && value.getAsJsonPrimitive().isString()
                ? value.getAsString()
                : null;
    }

    /** What it gives is a text of at most that length, whatever the page has done to the language. */
    private static String reading(List<String> path, int longest) {
        return """
                ((path, longest) => {
                  try {
                    let value = window;
                    for (let i = 0; i < path.length; i++) {
                      if (value === null || value === undefined) return null;
                      value = value[path[i]];
                    }
                    const text = JSON.stringify(value);
                    return typeof text === 'string' && text.length <= longest ? text : null;
                  } catch (failure) {
                    return null;
                  }
                })(%s, %d)
                """.formatted(Json.array(path), longest);
    }

    @Override
    public String html() {
        check();
        try {
            return new String(
                    RenderedDocument.read(tab.world(), document.maxBodySize()).html(), StandardCharsets.UTF_8);
        } catch (PageFailedException tooLarge) {
            throw new RoutineEndedException(tooLarge.failure());
        }
    }

    private void check() {
        @Nullable PageFailure failure = document.failure();
        if (failure != null) {
            throw new RoutineEndedException(failure);
        }
        if (deadline.hasPassed()) {
            throw new RoutineEndedException(
                    PageFailure.of(ErrorCode.TIMEOUT, "The page was not ready within the time that it is given."));
        }
    }
}
