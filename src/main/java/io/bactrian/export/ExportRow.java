package io.bactrian.export;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One result of a task as it is stored: what came of one URL.
 *
 * <p>{@code data} and {@code metadata} are trusted to be well-formed JSON objects, because they were checked when they
 * were stored; JSON downloads embed them without parsing them again.
 *
 * @param position the place of the URL in the task, from 0, no two rows the same
 * @param url the URL as the client wrote it
 * @param data the extracted values, a JSON object by selector name, or null when the page could not be had
 * @param errorCode why the page could not be had, or null
 * @param errorMessage the error as a sentence, or null
 * @param metadata what is known of the fetch, a JSON object with {@code final_url}, {@code status_code},
 *     {@code content_type}, {@code fetched_at}, {@code duration_ms} and {@code attempts}, or null
 * @param checkedAt when the check was over that the row is of, or null
 */
public record ExportRow(
        int position,
        String url,
        @Nullable String data,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        @Nullable String metadata,
        @Nullable Instant checkedAt) {
    /** A row of a task whose pages are fetched once. */
    public ExportRow(
            int position,
            String url,
            @Nullable String data,
            @Nullable String errorCode,
            @Nullable String errorMessage,
            @Nullable String metadata) {
        this(position, url, data, errorCode, errorMessage, metadata, null);
    }

    public ExportRow {
        if (position < 0) {
            throw new IllegalArgumentException("A row's position counts from 0, but is " + position + ".");
        }
    }
}
