package io.bactrian.export;

import java.util.List;

/**
 * What each row of a download shows.
 *
 * @param selectors the names of the task's selectors, in their order
 * @param metadata the names of what rows tell of how their page was fetched, in their order; empty for no metadata
 * @param checked whether rows say when their check was
 */
public record ExportLayout(List<String> selectors, List<String> metadata, boolean checked) {
    /** What is known of each page ({@code include_metadata}). */
    public static final List<String> FETCH =
            List.of("final_url", "status_code", "content_type", "fetched_at", "duration_ms", "attempts");

    public ExportLayout {
        selectors = List.copyOf(selectors);
        metadata = List.copyOf(metadata);
    }

    /** The layout of rows without checks. */
    public ExportLayout(List<String> selectors, List<String> metadata) {
        this(selectors, metadata, false);
    }

    /** The layout with {@link #FETCH} or without metadata. */
    public ExportLayout(List<String> selectors, boolean includeMetadata) {
        this(selectors, includeMetadata ? FETCH : List.of());
    }

    boolean includesMetadata() {
        return !metadata.isEmpty();
    }
}
