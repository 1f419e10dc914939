package io.bactrian.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.OutsideText;
import io.bactrian.Violation;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.PageCaching;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.RequestHeaders;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.select.NextLink;
import io.bactrian.scrape.select.SelectorPlan;
import io.bactrian.scrape.select.UrlPattern;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code config} of a task, read and checked: how its pages are fetched, what is taken from them, and how fast.
 *
 * @param type of the task
 * @param retryAttempts how often a page is tried again after its first attempt
 * @param rateLimit requests a second to each host, or null for no limit of the task's own
 * @param batchSize pages that a lane takes at once
 * @param parallelRequests the most requests of the task at once, over all nodes
 * @param sitemap where more URLs come from, or null for nowhere
 * @param follow how the task goes on to next pages, or null for not at all
 * @param maxAge how old a page of the cache may be, or null for no cache
 */
record TaskConfiguration(
        TaskType type,
        SelectorPlan plan,
        ScrapeOptions options,
        int retryAttempts,
        @Nullable Double rateLimit,
        int batchSize,
        int parallelRequests,
        @Nullable SitemapSource sitemap,
        @Nullable Follow follow,
        @Nullable Duration maxAge) {
    private static final int DEFAULT_TIMEOUT_SECONDS = 30;
    private static final int DEFAULT_RETRY_ATTEMPTS = 3;
    private static final int DEFAULT_BATCH_SIZE = 10;
    private static final int DEFAULT_PARALLEL_REQUESTS = 3;

    /** More violations than this help nobody. */
    private static final int MOST_VIOLATIONS = 100;

    /** Of a URL that is refused. */
    private static final int MOST_SHOWN = 200;

    private static final String MASKED = "is the mask that is shown for a value: send the value itself";

    private static final Pattern ORIGIN = Pattern.compile("[A-Za-z]+://[^/?#\\\\@]+/?");
    private static final String NO_ORIGIN =
            "must be an origin (scheme, host and, unless it is the scheme's own, port), such as https://api.example.com:8443";

    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}");

    /**
     * Reads a config whose shape the contract's schema has already been held against.
     *
     * @throws InvalidInputException with everything that the schema cannot see: selectors that do not parse, headers that
     *     would forge a request
     */
    static TaskConfiguration read(TaskType type, ObjectNode config) {
        List<Violation> violations = new ArrayList<>();
        SelectorPlan plan = null;
        try {
            plan = SelectorPlan.compile(config.path("selectors"));
        } catch (InvalidInputException e) {
            violations.addAll(e.violations());
        }
        Map<String, String> headers = texts(config.path("custom_headers"));
        headers.forEach((name, value) -> add(violations, "config.custom_headers." + name, headerProblem(name, value)));
        Map<String, String> cookies = texts(config.path("cookies"));
        cookies.forEach((name, value) -> add(violations, "config.cookies." + name, cookieProblem(name, value)));
        SitemapSource sitemap = sitemap(config, violations);
        Follow follow = follow(config, violations);
        Set<String> headersFor = headersFor(config, violations);
        @Nullable
        BrowserOptions browser =
                type == TaskType.ADVANCED_SCRAPING ? new BrowserOptionsReader(violations).read(config) : null;
        if (plan == null || !violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        ScrapeOptions options = new ScrapeOptions(
                        config.path("follow_redirects").asBoolean(true),
                        Duration.ofMillis((long) (config.path("timeout").asDouble(DEFAULT_TIMEOUT_SECONDS) * 1000)),
                        headers,
                        cookies,
                        config.path("respect_robots_txt").asBoolean(true),
                        proxies(config.path("proxy_rotation")),
                        browser)
                .withHeadersFor(headersFor);
        return new TaskConfiguration(
                type,
                plan,
                options,
                config.path("retry_attempts").asInt(DEFAULT_RETRY_ATTEMPTS),
                config.hasNonNull("rate_limit") ? config.get("rate_limit").asDouble() : null,
                config.path("batch_size").asInt(DEFAULT_BATCH_SIZE),
                config.path("parallel_requests").asInt(DEFAULT_PARALLEL_REQUESTS),
                sitemap,
                follow,
                config.hasNonNull("max_age")
                        ? Duration.ofSeconds(config.get("max_age").asLong())
                        : null);
    }

    private static @Nullable String headerProblem(String name, String value) {
        return TaskSecrets.isMask(value) ? MASKED : RequestHeaders.problem(name, value);
    }

    private static @Nullable String cookieProblem(String name, String value) {
        return TaskSecrets.isMask(value) ? MASKED : RequestHeaders.cookieProblem(name, value);
    }

    /** The origins of {@code headers_for}, each in its one canonical spelling. */
    private static Set<String> headersFor(ObjectNode config, List<Violation> violations) {
        Set<String> origins = new LinkedHashSet<>();
        int index = 0;
        for (JsonNode given : config.path("headers_for")) {
            String field = "config.headers_for[" + index++ + "]";
            try {
                String origin = HttpUrl.parse(given.asText()).origin();
                if (ORIGIN.matcher(given.asText()).matches()) {
                    origins.add(origin);
                    continue;
                }
            } catch (EgressRefusedException refused) {
                // Answered as what is no origin either.
            }
            add(violations, field, NO_ORIGIN + "; it is '" + printable(given.asText()) + "'");
        }
        return origins;
    }

    private static @Nullable Follow follow(ObjectNode config, List<Violation> violations) {
        if (!config.hasNonNull("follow")) {
            return null;
        }
        try {
            NextLink next = NextLink.compile(
                    "config.follow.next", config.path("follow").path("next").asText());
            return new Follow(next, Follow.pages(config));
        } catch (InvalidInputException e) {
            violations.addAll(e.violations());
            return null;
        }
    }

    private static @Nullable SitemapSource sitemap(ObjectNode config, List<Violation> violations) {
        if (!config.hasNonNull("sitemap_url")) {
            for (String field : List.of("sitemap_limit", "sitemap_include")) {
                add(violations, "config." + field, config.has(field) ? "can only be given with sitemap_url" : null);
            }
            return null;
        }
        String url = config.get("sitemap_url").asText();
        add(violations, "config.sitemap_url", urlViolation(url));
        UrlPattern include = null;
        try {
            include = config.hasNonNull("sitemap_include")
                    ? UrlPattern.compile(
                            "config.sitemap_include",
                            config.get("sitemap_include").asText())
                    : null;
        } catch (InvalidInputException e) {
            violations.addAll(e.violations());
        }
        return new SitemapSource(
                url,
                config.hasNonNull("sitemap_limit") ? config.get("sitemap_limit").asInt() : null,
                include);
    }

    /**
     * How many pages of its sitemap a task may have; 0 where it has none.
     *
     * @param given how many URLs the client gave
     * @param most how many URLs the task may have in all
     * @throws InvalidInputException when more are wanted
     */
    int sitemapPages(int given, int most) {
        if (sitemap == null) {
            return 0;
        }
        int room = most - given;
        if (room < 1) {
            throw new InvalidInputException(
                    "config.sitemap_url",
                    "cannot add pages to a task that has the %d URLs it may have".formatted(given));
        }
        Integer wanted = sitemap.limit();
        if (wanted != null && wanted > room) {
            throw new InvalidInputException(
                    "config.sitemap_limit",
                    "must be at most %d, so that the task has no more than %d URLs".formatted(room, most));
        }
        return wanted != null ? wanted : Math.min(SitemapSource.USUAL_LIMIT, room);
    }

    /** The URLs of a config: each absolute, http or https, with a host. What is a URL and may not be asked becomes a row. */
    static List<String> urls(ObjectNode config) {
        List<String> urls = new ArrayList<>();
        List<Violation> violations = new ArrayList<>();
        for (JsonNode url : config.path("urls")) {
            if (violations.size() < MOST_VIOLATIONS) {
                add(violations, "config.urls[" + urls.size() + "]", urlViolation(url.asText()));
            }
            urls.add(url.asText());
        }
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        return urls;
    }

    private static @Nullable String urlViolation(String url) {
        String problem = isRequested(url) ? null : problem(url);
        return problem == null ? null : problem + "; it is '" + printable(url) + "'";
    }

    private static String printable(String url) {
        return OutsideText.clean(url, MOST_SHOWN).replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean isRequested(String url) {
        try {
            HttpUrl.parse(url);
            return true;
        } catch (EgressRefusedException refused) {
            return false;
        }
    }

    private static @Nullable String problem(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https")) {
                return "must be an absolute http or https URL, such as https://example.com/page";
            }
            String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
            String place = authority.substring(authority.lastIndexOf('@') + 1);
            int end = place.startsWith("[") ? place.indexOf(']') + 1 : place.indexOf(':');
            if (place.isEmpty() || end == 0) {
                return "must have a host, as in https://example.com/page";
            }
            return end < 0 || isPort(place.substring(end))
                    ? null
                    : "must have a port from 1 to 65535, or none, as in https://example.com/page";
        } catch (URISyntaxException e) {
            return "is not a valid URL: " + e.getReason() + " at character " + (e.getIndex() + 1);
        }
    }

    private static boolean isPort(String suffix) {
        if (suffix.length() <= 1) {
            return true;
        }
        if (!PORT.matcher(suffix).matches()) {
            return false;
        }
        int port = Integer.parseInt(suffix.substring(1));
        return port > 0 && port <= 65_535;
    }

    private static @Nullable ProxyRotation proxies(JsonNode value) {
        if (!value.isObject()) {
            return value.asBoolean(false) ? new ProxyRotation(null, false) : null;
        }
        return new ProxyRotation(
                value.hasNonNull("pool") ? value.path("pool").asText() : null,
                value.path("per").asText("request").equals("lane"));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> values = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
        return values;
    }

    private static void add(List<Violation> violations, String field, @Nullable String message) {
        if (message != null) {
            violations.add(new Violation(field, message));
        }
    }

    /** How the pages of an account's task are fetched. */
    ScrapeOptions options(UUID account) {
        ScrapeOptions kept = maxAge == null ? options : options.with(new PageCaching(account.toString(), maxAge));
        return follow == null ? kept : kept.with(follow.next());
    }

    /** How many pages each URL has at most. */
    int pagesOfUrl() {
        return follow == null ? 1 : follow.maxPages();
    }

    /** Lanes that a task of that many pages is given: never more than it may have or can fill. */
    int lanes(int pages) {
        return Math.min(parallelRequests, pages);
    }

    /** Pages that each claim takes: the batch size, or less so that every lane finds some. */
    int batch(int pages) {
        return Math.max(1, Math.min(batchSize, Math.ceilDiv(pages, lanes(pages))));
    }
}
