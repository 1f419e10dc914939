package io.bactrian.scrape.html;

import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.RequestHeaders;
import io.bactrian.scrape.ScrapeOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The header fields of a page request: ours, and those of the task where they may go. */
final class RequestFields {
    /** What describes the client and not the user, and so may follow a redirect to another host. */
    private static final Set<String> HARMLESS =
            Set.of("accept", "accept-encoding", "accept-language", "cache-control", "dnt", "pragma", "user-agent");

    private final Map<String, String> defaults = new LinkedHashMap<>();

    RequestFields(String userAgent) {
        defaults.put("User-Agent", userAgent);
        defaults.put(
                "Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,*/*;q=0.5");
        defaults.put("Accept-Language", "en-US,en;q=0.9,*;q=0.5");
        defaults.put("Accept-Encoding", "gzip, deflate, br");
    }

    /**
     * Adds the fields to a request.
     *
     * @param asked the URL of the task, whose host alone gets its cookies and its secrets
     */
    void addTo(EgressRequest.Builder request, HttpUrl url, HttpUrl asked, ScrapeOptions options) {
        boolean trusted = url.host().equals(asked.host()) && (url.isSecure() || !asked.isSecure());
        Map<String, String> custom = options.headers();
        if (custom.isEmpty()) {
            request.headers(defaults);
        } else {
            defaults.forEach((name, value) -> {
                if (!containsIgnoringCase(custom, name)) {
                    request.header(name, value);
                }
            });
            custom.forEach((name, value) -> {
                if ((trusted || HARMLESS.contains(name.toLowerCase(Locale.ROOT)))
                        && RequestHeaders.problem(name, value) == null) {
                    request.header(name, value);
                }
            });
        }
        if (trusted && !options.cookies().isEmpty()) {
            request.header("Cookie", cookies(options.cookies()));
        }
    }

    private static String cookies(Map<String, String> cookies) {
        return cookies.entrySet().stream()
                .filter(cookie -> RequestHeaders.cookieProblem(cookie.getKey(), cookie.getValue()) == null)
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    private static boolean containsIgnoringCase(Map<String, String> headers, String name) {
        return headers.keySet().stream().anyMatch(name::equalsIgnoreCase);
    }
}
