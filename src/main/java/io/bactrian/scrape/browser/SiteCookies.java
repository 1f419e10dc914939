package io.bactrian.scrape.browser;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The cookies of visits with routines, by the context that they belong to: contexts come and go with the lanes that a browser
 * serves. Each as the DevTools protocol has it, with the port that it is bound to. Safe for use by many threads.
 */
final class SiteCookies {
    private static final int MOST_CHARACTERS = 64 * 1024;
    private static final long MOST_CHARACTERS_OF_ALL = 8L * 1024 * 1024;
    private static final Duration LONGEST_REST = Duration.ofHours(1);

    private final Cache<Tab.Key, List<JsonObject>> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_CHARACTERS_OF_ALL)
            .weigher((Tab.Key key, List<JsonObject> cookies) -> 1024 + size(cookies))
            .expireAfterAccess(LONGEST_REST)
            .build();

    List<JsonObject> of(Tab.Key key) {
        return Objects.requireNonNullElse(kept.getIfPresent(key), List.of());
    }

    /** Keeps them, unless they are more than a site can mean. */
    void keep(Tab.Key key, List<JsonObject> cookies) {
        if (size(cookies) <= MOST_CHARACTERS) {
            kept.put(key, List.copyOf(cookies));
        }
    }

    private static int size(List<JsonObject> cookies) {
        return cookies.stream()
                .mapToInt(cookie -> 128
                        + String.valueOf(Json.text(cookie, "name")).length()
                        + String.valueOf(Json.text(cookie, "value")).length())
                .sum();
    }
}
