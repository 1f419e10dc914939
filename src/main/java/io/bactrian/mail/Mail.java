package io.bactrian.mail;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A letter, which its reader gets as plain text and as HTML.
 *
 * @param to one e-mail address
 * @param subject one line of our own words, in which names that users chose are {@link #quoted}
 * @param paragraphs plain text, each a paragraph; those before the table
 * @param table shown after the paragraphs, or null
 */
public record Mail(
        String to,
        String subject,
        List<String> paragraphs,
        @Nullable Table table) {
    private static final int LONGEST_NAME = 60;

    /** Control characters, and those that no reader sees or that turn the text around them. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    public Mail {
        paragraphs = List.copyOf(paragraphs);
    }

    /** A name that a user has chosen, as a subject or a sentence quotes it: one line of at most 60 characters in “ ”. */
    public static String quoted(String name) {
        String line = UNSEEN.matcher(name)
                .replaceAll(" ")
                .replace('\u201c', '"')
                .replace('\u201d', '"')
                .strip();
        return "\u201c"
                + (line.codePointCount(0, line.length()) <= LONGEST_NAME
                        ? line
                        : line.substring(0, line.offsetByCodePoints(0, LONGEST_NAME - 1)) + "\u2026")
                + "\u201d";
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
