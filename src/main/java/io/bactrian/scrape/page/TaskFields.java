package io.bactrian.scrape.page;

import io.bactrian.scrape.RequestHeaders;
import io.bactrian.scrape.ScrapeOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The headers and cookies that a task sends: all of them to the {@link io.bactrian.scrape.TrustedOrigins}, to others only what
 * describes the client.
 */
public final class TaskFields {
    /** What describes the client and not the user, and so may go to any origin. */
    private static final Set<String> HARMLESS =
            Set.of("accept", "accept-encoding", "accept-language", "cache-control", "dnt", "pragma", "user-agent");

    private TaskFields() {}

    /** The headers of a task that may be sent, in their order; all of them, or those alone that may go to any origin. */
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

    /** Whether a header may go to any origin. */
    public static boolean isHarmless(String name) {
        return HARMLESS.contains(name.toLowerCase(Locale.ROOT));
    }
}
