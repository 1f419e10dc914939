package io.bactrian.mail;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A letter, which its reader gets as plain text and as HTML.
 *
 * @param to one e-mail address
 * @param subject one line
 * @param paragraphs plain text, each a paragraph; those before the table
 * @param table shown after the paragraphs, or null
 */
public record Mail(
        String to,
        String subject,
        List<String> paragraphs,
        @Nullable Table table) {
    public Mail {
        paragraphs = List.copyOf(paragraphs);
    }

    /**
     * A small table.
     *
     * @param rows each with as many cells as there are columns
     */
    public record Table(List<String> columns, List<List<String>> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }
}
