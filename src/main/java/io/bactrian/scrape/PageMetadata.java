package io.bactrian.scrape;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the fetch of one page, whether or not it succeeded.
 *
 * @param finalUrl the URL after redirects, or null when no answer came
 * @param statusCode the HTTP status of the last answer, or null when no answer came
 * @param contentType the {@code Content-Type} of the last answer as it was sent
 * @param fetchedAt when the last attempt began
 * @param durationMs how long the last attempt took, in milliseconds
 * @param attempts how many attempts were made, at least 1
 */
public record PageMetadata(
        @JsonProperty("final_url") @Nullable String finalUrl,
        @JsonProperty("status_code") @Nullable Integer statusCode,
        @JsonProperty("content_type") @Nullable String contentType,
        @JsonProperty("fetched_at") Instant fetchedAt,
        @JsonProperty("duration_ms") long durationMs,
        int attempts) {}
