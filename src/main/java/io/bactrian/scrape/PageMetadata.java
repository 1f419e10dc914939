package io.bactrian.scrape;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.OutsideText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the fetch of one page, whether or not it succeeded.
 *
 * @param finalUrl the URL after redirects, or null when no answer came
 * @param statusCode the HTTP status of the last answer, or null when no answer came
 * @param contentType the {@code Content-Type} of the last answer as it was sent, as far as it can be stored
 * @param fetchedAt when the last attempt began, or when the site was last asked for a page that is answered from the cache
 * @param durationMs how long the last attempt took, in milliseconds
 * @param attempts how many attempts were made, at least 1
 * @param cached whether the page was answered from the cache, or null for tasks that have none
 */
public record PageMetadata(
        @JsonProperty("final_url") @Nullable String finalUrl,
        @JsonProperty("status_code") @Nullable Integer statusCode,
        @JsonProperty("content_type") @Nullable String contentType,
        @JsonProperty("fetched_at") Instant fetchedAt,
        @JsonProperty("duration_ms") long durationMs,
        int attempts,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean cached) {
    public PageMetadata {
        finalUrl = finalUrl == null ? null : OutsideText.clean(finalUrl);
        contentType = OutsideText.line(contentType);
    }

    /** The fetch of a page of which no cache knows. */
    public PageMetadata(
            @Nullable String finalUrl,
            @Nullable Integer statusCode,
            @Nullable String contentType,
            Instant fetchedAt,
            long durationMs,
            int attempts) {
        this(finalUrl, statusCode, contentType, fetchedAt, durationMs, attempts, null);
    }
}
