package io.bactrian.scrape.html;

import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.TrustedOrigins;
import io.bactrian.scrape.page.TaskFields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The header fields of a page request: ours, and those of the task where they may go. */
final class RequestFields {
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
     * @param origins where the task's cookies and secrets may go
     */
    void addTo(EgressRequest.Builder request, HttpUrl url, TrustedOrigins origins, ScrapeOptions options) {
        boolean trusted = origins.contain(url);
        Map<String, String> custom = options.headers();
        if (custom.isEmpty()) {
            request.headers(defaults);
        } else {
            defaults.forEach((name, value) -> {
                if (!containsIgnoringCase(custom, name)) {
                    request.header(name, value);
                }
            });
            TaskFields.headers(options, trusted).forEach(request::header);
        }
        if (trusted && !options.cookies().isEmpty()) {
            request.header("Cookie", cookies(options));
        }
    }

    private static String cookies(ScrapeOptions options) {
        return TaskFields.cookies(options).entrySet().stream()
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    private static boolean containsIgnoringCase(Map<String, String> headers, String name) {
        return headers.keySet().stream().anyMatch(name::equalsIgnoreCase);
    }
}
