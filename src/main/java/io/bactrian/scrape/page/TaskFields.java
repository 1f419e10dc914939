package io.bactrian.scrape.page;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.RequestHeaders;
import io.bactrian.scrape.ScrapeOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The headers and cookies that a task sends, and where they may go: all of them to the host that the task asks for, to
 * others only what describes the client.
 */
public final class TaskFields {
    /** What describes the client and not the user, and so may go to another host. */
    private static final Set<String> HARMLESS =
            Set.of("accept", "accept-encoding", "accept-language", "cache-control", "dnt", "pragma", "user-agent");

    private TaskFields() {}

    /**
     * Whether a request may carry the task's cookies and secrets.
     *
     * @param asked the URL of the task, whose host alone gets them, and not in the clear where it was asked for by https
     */
    public static boolean trusts(HttpUrl url, HttpUrl asked) {
        return url.host().equals(asked.host()) && (url.isSecure() || !asked.isSecure());
    }

    /** The headers of a task that may be sent, in their order; all of them, or those alone that may go to any host. */
    public static Map<String, String> headers(ScrapeOptions options, boolean trusted) {
        Map<String, String> sent = new LinkedHashMap<>();
        options.headers().forEach((name, value) -> {
            if ((trusted || isHarmless(name)) && RequestHeaders.problem(name, value) == null) {
                sent.put(name, value);
            }
        });
        return sent;
    }

    /** The cookies of a task that may be sent, in their order. */
    public static Map<String, String> cookies(ScrapeOptions options) {
        Map<String, String> sent = new LinkedHashMap<>();
        options.cookies().forEach((name, value) -> {
            if (RequestHeaders.cookieProblem(name, value) == null) {
                sent.put(name, value);
            }
        });
        return sent;
    }

    /** Whether a header may go to any host. */
    public static boolean isHarmless(String name) {
        return HARMLESS.contains(name.toLowerCase(Locale.ROOT));
    }
}
