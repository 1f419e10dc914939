package io.bactrian.export;

import java.util.List;

/**
 * What each row of a download shows.
 *
 * @param selectors the names of the task's selectors, in their order
 * @param includeMetadata whether a row tells how its page was fetched ({@code include_metadata})
 */
public record ExportLayout(List<String> selectors, boolean includeMetadata) {
    public ExportLayout {
        selectors = List.copyOf(selectors);
    }
}
