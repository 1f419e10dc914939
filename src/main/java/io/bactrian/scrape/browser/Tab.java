package io.bactrian.scrape.browser;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.ServiceWorkerPolicy;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.page.TaskFields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A browser context with its one tab, kept for the pages of one lane. Belongs to its browser's thread. */
final class Tab {
    private static final Logger LOG = LoggerFactory.getLogger(Tab.class);

    static final int WIDTH = 1280;
    static final int HEIGHT = 720;
    private static final double LONGEST_LEAVE_MILLIS = 1000;

    private final Key key;
    private final BrowserContext context;
    private final Page page;
    private final CDPSession session;
    private final String mainFrame;
    private final Interception interception;
    private final IsolatedWorld world;

    private final Deque<Page> strays = new ArrayDeque<>();

    private boolean closing;
    private boolean crashed;
    private boolean used;

    /**
     * What the pages of a context have in common.
     *
     * @param headers that go to any origin
     * @param upstream which proxy the connections leave through
     * @param keepsCookies whether a page finds the cookies of those before it
     */
    record Key(
            String lane,
            String userAgent,
            boolean javascript,
            Map<String, String> headers,
            @Nullable UpstreamProxy upstream,
            boolean keepsCookies) {

        static Key of(Errand errand, String ourUserAgent, @Nullable UpstreamProxy upstream) {
            Map<String, String> headers = TaskFields.headers(errand.options(), false);
            String userAgent = headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase("User-Agent"))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(ourUserAgent);
            Map<String, String> others = headers.entrySet().stream()
                    .filter(header -> !header.getKey().equalsIgnoreCase("User-Agent"))
                    .collect(Collectors.toMap(
                            header -> header.getKey().toLowerCase(Locale.ROOT), Map.Entry::getValue, (a, b) -> b));
            return new Key(
                    errand.lane(),
                    userAgent,
                    errand.browser().javascriptEnabled(),
                    Map.copyOf(others),
                    upstream,
                    errand.keepsCookies());
        }
    }

    private Tab(Key key, BrowserContext context) {
        this.key = key;
        this.context = context;
        this.page = context.newPage();
        this.session = context.newCDPSession(page);
        JsonObject tree = session.send("Page.getFrameTree").getAsJsonObject("frameTree");
        this.mainFrame = tree.getAsJsonObject("frame").get("id").getAsString();
        this.interception = new Interception(session, mainFrame);
        this.world = new IsolatedWorld(session, mainFrame);
        context.onPage(this::closeStray);
        page.onCrash(gone -> {
            crashed = true;
            // Ends whatever waits for an answer of the page, which will not come.
            throw new PlaywrightException("The page crashed.");
        });
        page.onDOMContentLoaded(parsed -> interception.arrived());
    }

    /** @param cookies that it begins with */
    static Tab open(Browser browser, Key key, List<JsonObject> cookies) {
        Browser.NewContextOptions options = new Browser.NewContextOptions()
                .setAcceptDownloads(false)
                .setServiceWorkers(ServiceWorkerPolicy.BLOCK)
                .setJavaScriptEnabled(key.javascript())
                .setUserAgent(key.userAgent())
                .setExtraHTTPHeaders(key.headers())
                .setTimezoneId("UTC")
                .setViewportSize(WIDTH, HEIGHT);
        if (!key.headers().containsKey("accept-language")) {
            options.setLocale("en-US");
        }
        BrowserContext context = browser.newContext(options);
        try {
            Tab tab = new Tab(key, context);
            tab.setCookies(cookies);
            return tab;
        } catch (PlaywrightException failure) {
            context.close();
            throw failure;
        }
    }

    /**
     * Makes it ready for a page: the cookies of the last one go unless they are kept, those of the task come.
     *
     * <p>A cookie knows no port and, without {@code Secure}, no scheme (RFC 6265 section 8.5). {@code Secure} keeps those for
     * https from http, and {@link ChromiumFlags} binds them to their port.
     */
    void prepare(Errand errand) {
        if (used && !key.keepsCookies()) {
            context.clearCookies();
        }
        used = true;
        List<JsonObject> cookies = new ArrayList<>();
        Map<String, String> ofTask = TaskFields.cookies(errand.options());
        for (String origin : errand.page().trusted().origins()) {
            HttpUrl url = HttpUrl.parse(origin);
            ofTask.forEach((name, value) -> cookies.add(Json.object(
                    "name",
                    name,
                    "value",
                    value,
                    "url",
                    url.toString(),
                    "path",
                    "/",
                    "secure",
                    url.isSecure(),
                    "sourcePort",
                    url.port())));
        }
        setCookies(cookies);
    }

    private void setCookies(List<JsonObject> cookies) {
        if (!cookies.isEmpty()) {
            session.send("Network.setCookies", Json.object("cookies", Json.array(cookies)));
        }
    }

    /** Goes to an empty page; whether the page that was there has let it, and soon. */
    boolean leave() {
        try {
            page.navigate("about:blank", new Page.NavigateOptions().setTimeout(LONGEST_LEAVE_MILLIS));
            return !crashed;
        } catch (PlaywrightException stuck) {
            LOG.debug("A page does not let itself be left", stuck);
            return false;
        }
    }

    /** Closes what the page opens, one after another: closing waits for messages, among which the next may be. */
    private void closeStray(Page opened) {
        strays.add(opened);
        if (closing) {
            return;
        }
        closing = true;
        try {
            for (Page stray = strays.poll(); stray != null; stray = strays.poll()) {
                stray.close();
            }
        } catch (PlaywrightException gone) {
            LOG.debug("What a page had opened was gone before it was closed", gone);
        } finally {
            closing = false;
        }
    }

    List<JsonObject> cookies() {
        List<JsonObject> cookies = new ArrayList<>();
        session.send("Network.getAllCookies").getAsJsonArray("cookies").forEach(cookie -> {
            JsonObject kept = cookie.getAsJsonObject();
            if (kept.get("session").getAsBoolean()) {
                kept.remove("expires");
            }
            cookies.add(kept);
        });
        return cookies;
    }

    Key key() {
        return key;
    }

    Page page() {
        return page;
    }

    CDPSession session() {
        return session;
    }

    Interception interception() {
        return interception;
    }

    IsolatedWorld world() {
        return world;
    }

    /** Whether the process of its page died. */
    boolean isCrashed() {
        return crashed;
    }

    void close() {
        context.close();
    }
}
