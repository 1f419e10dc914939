package io.bactrian.mail;

import io.bactrian.mail.Mail.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jsoup.nodes.Entities;
import org.jspecify.annotations.Nullable;

/**
 * The content of a letter, as plain text and as HTML. Whatever it says is text in both: there is no markup in a {@link Mail}.
 * Links are the service's own.
 *
 * <p>Of a long table, the first rows are shown; of a long text, its beginning.
 */
final class LetterText {
    private static final int MOST_ROWS = 200;
    private static final int LONGEST_TEXT = 4_000;
    private static final int LONGEST_LINE = 250;

    /** Control characters, line breaks that not everybody knows for such, and halves of characters. */
    private static final Pattern NO_LINE = Pattern.compile("[\\p{Cc}\\u2028\\u2029\\p{Cs}]+");

    private static final Pattern NO_TEXT = Pattern.compile("[\\p{Cc}\\p{Cs}&&[^\\n\\t]]+");

    private static final String CELL = " style=\"border: 1px solid #ccc; padding: 4px 8px; text-align: left\">";

    private static final String CONFIRM = "Confirm";
    private static final String UNSUBSCRIBE = "Unsubscribe";

    private final Mail mail;
    private final LetterLinks links;

    LetterText(Mail mail, LetterLinks links) {
        this.mail = mail;
        this.links = links;
    }

    /** A text as one line that a header may have, at most 250 characters long. */
    static String line(String text) {
        return shortened(NO_LINE.matcher(text).replaceAll(" ").strip(), LONGEST_LINE);
    }

    String subject() {
        return line(mail.subject());
    }

    String plain() {
        List<String> blocks = new ArrayList<>();
        mail.paragraphs().forEach(paragraph -> blocks.add(text(paragraph)));
        Table table = mail.table();
        if (table != null) {
            shown(table).forEach(row -> blocks.add(plainRow(table.columns(), row)));
            if (left(table) > 0) {
                blocks.add(remark(table));
            }
        }
        if (links.confirm() != null) {
            blocks.add(CONFIRM + ": " + links.confirm());
        }
        if (links.unsubscribe() != null) {
            blocks.add(UNSUBSCRIBE + ": " + links.unsubscribe());
        }
        return String.join("\n\n", blocks) + "\n";
    }

    String html() {
        StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>")
                .append(escaped(subject()))
                .append("</title></head>\n<body style=\"font-family: sans-serif\">\n");
        mail.paragraphs().forEach(paragraph -> paragraph(html, paragraph));
        Table table = mail.table();
        if (table != null) {
            html.append("<table style=\"border-collapse: collapse\">\n");
            row(html, "th", table.columns());
            shown(table).forEach(row -> row(html, "td", row));
            html.append("</table>\n");
            if (left(table) > 0) {
                paragraph(html, remark(table));
            }
        }
        link(html, CONFIRM, links.confirm());
        link(html, UNSUBSCRIBE, links.unsubscribe());
        return html.append("</body>\n</html>\n").toString();
    }

    private static void paragraph(StringBuilder html, String paragraph) {
        html.append("<p>").append(escaped(text(paragraph))).append("</p>\n");
    }

    private static void link(StringBuilder html, String label, @Nullable String url) {
        if (url != null) {
            html.append("<p><a href=\"")
                    .append(escaped(url))
                    .append("\">")
                    .append(label)
                    .append("</a></p>\n");
        }
    }

    private static void row(StringBuilder html, String kind, List<String> cells) {
        html.append("<tr>");
        for (String cell : cells) {
            html.append('<').append(kind).append(CELL).append(escaped(text(cell)));
            html.append("</").append(kind).append('>');
        }
        html.append("</tr>\n");
    }

    private static String plainRow(List<String> columns, List<String> row) {
        List<String> lines = new ArrayList<>();
        for (int column = 0; column < row.size(); column++) {
            String name = column < columns.size() ? text(columns.get(column)) + ": " : "";
            lines.add(name + text(row.get(column)));
        }
        return String.join("\n", lines);
    }

    private static List<List<String>> shown(Table table) {
        return table.rows().subList(0, Math.min(MOST_ROWS, table.rows().size()));
    }

    private static int left(Table table) {
        return Math.max(0, table.rows().size() - MOST_ROWS);
    }

    private static String remark(Table table) {
        return "… and " + left(table) + " more.";
    }

    private static String text(String text) {
        String lines = text.replace("\r\n", "\n").replace('\r', '\n');
        return shortened(NO_TEXT.matcher(lines).replaceAll(" "), LONGEST_TEXT);
    }

    private static String escaped(String text) {
        return Entities.escape(text).replace("\n", "<br>\n");
    }

    private static String shortened(String text, int longest) {
        return text.codePointCount(0, text.length()) <= longest
                ? text
                : text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…";
    }
}
