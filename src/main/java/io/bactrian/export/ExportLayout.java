package io.bactrian.export;

import java.util.List;

/**
 * What each row of a download shows.
 *
 * @param selectors the names of the task's selectors, in their order
 * @param includeMetadata whether a row tells how its page was fetched ({@code include_metadata})
 * @param moreMetadata metadata that only some tasks have, as columns after those of every task
 */
public record ExportLayout(List<String> selectors, boolean includeMetadata, List<String> moreMetadata) {
    public ExportLayout {
        selectors = List.copyOf(selectors);
        moreMetadata = List.copyOf(moreMetadata);
    }

    /** With the metadata that every task has. */
    public ExportLayout(List<String> selectors, boolean includeMetadata) {
        this(selectors, includeMetadata, List.of());
    }
}
