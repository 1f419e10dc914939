package io.bactrian.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.regex.Pattern;
import org.dhatim.fastexcel.HyperLink;
import org.dhatim.fastexcel.RichText;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;

/**
 * Rows as an Excel workbook: a sheet with a bold, frozen header row, continued on a second one and so on where a sheet is
 * full.
 *
 * <p>Text is written inline, because the library holds shared strings in memory until the end.
 */
final class XlsxDocument<R> implements Document<R> {
    /** Excel's 1,048,576 rows without the header row. */
    static final int ROWS_PER_SHEET = Worksheet.MAX_ROWS - 1;

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");

    /** Excel keeps 15 significant digits; a longer integer is likely an identifier, of which every digit counts. */
    private static final int EXACT_DIGITS = 15;

    private static final int FLUSH_THRESHOLD = 64 * 1024;

    /** Columns are as wide as their cells up to here need, about 300 rows; what follows is not looked at any more. */
    private static final int FITTED = 512 * 1024;

    /** Excel repairs, that is removes, links that are longer, or of which a sheet has more. */
    private static final int LONGEST_LINK = 2_079;

    private static final int MOST_LINKS = 65_530;

    /** The library holds links in memory until the end; a job's 500 places, with two of the longest each, need half. */
    private static final int LINK_MEMORY = 4_200_000;

    private static final String LINK_COLOR = "0563C1";

    private final Tabulation<R> table;
    private final List<Tabulation.Column> columns;
    private final int[] longest;
    private final String name;
    private final int rowsPerSheet;
    private final BufferedOutputStream buffer;
    private final Workbook workbook;
    private Worksheet sheet;
    private int sheets;
    private int rows;
    private int unflushed;
    private boolean flushed;
    private int links;
    private int linkLength;

    XlsxDocument(Tabulation<R> table, String name, OutputStream out, int rowsPerSheet) {
        this.table = table;
        this.columns = table.columns();
        this.longest = new int[columns.size()];
        this.name = name;
        this.rowsPerSheet = rowsPerSheet;
        // The library writes the headers of its archive byte by byte.
        this.buffer = new BufferedOutputStream(out);
        this.workbook = new Workbook(buffer, "Bactrian", "1.0");
        this.sheet = nextSheet();
    }

    private Worksheet nextSheet() {
        sheets++;
        rows = 0;
        flushed = false;
        Worksheet next = workbook.newWorksheet(sheets == 1 ? name : name + " " + sheets);
        next.freezePane(0, 1);
        for (int column = 0; column < columns.size(); column++) {
            String heading = SafeText.forWorkbook(columns.get(column).heading());
            longest[column] = Math.max(longest[column], heading.length());
            next.inlineString(0, column, heading);
            next.style(0, column).bold().set();
        }
        return next;
    }

    @Override
    public void write(R row) throws IOException {
        if (rows == rowsPerSheet) {
            finishSheet();
            sheet = nextSheet();
        }
        rows++;
        Cell[] cells = table.cells(row);
        for (int column = 0; column < cells.length; column++) {
            put(column, cells[column]);
        }
        if (unflushed > (flushed ? FLUSH_THRESHOLD : FITTED)) {
            fit();
            sheet.flush();
            flushed = true;
            unflushed = 0;
        }
    }

    private void put(int column, Cell cell) {
        switch (cell.kind()) {
            case EMPTY -> {}
            case TEXT -> putText(column, SafeText.forWorkbook(cell.text()));
            case PHONE -> putText(column, cell.text());
            case LINK -> putLink(column, cell.text());
            case BOOLEAN -> sheet.value(rows, column, Boolean.valueOf(cell.text()));
            case NUMBER -> {
                Number number = number(cell.text());
                if (number == null) {
                    putText(column, SafeText.forWorkbook(cell.text()));
                } else {
                    sheet.value(rows, column, number);
                }
            }
        }
        longest[column] = Math.max(longest[column], cell.text().length());
        unflushed += 64;
    }

    private void putText(int column, String text) {
        if (text.isEmpty()) {
            return;
        }
        unflushed += text.length();
        if (Character.isWhitespace(text.charAt(0)) || Character.isWhitespace(text.charAt(text.length() - 1))) {
            // Excel trims a plain inline string; of the library's cells only rich text says xml:space="preserve".
            sheet.inlineString(rows, column, RichText.builder().run(text).end().build());
        } else {
            sheet.inlineString(rows, column, text);
        }
    }

    private void putLink(int column, String url) {
        if (links < MOST_LINKS
                && linkLength + url.length() <= LINK_MEMORY
                && url.length() <= LONGEST_LINK
                && WebAddress.isLink(url)) {
            links++;
            linkLength += url.length();
            sheet.hyperlink(rows, column, new Link(url));
            sheet.style(rows, column).fontColor(LINK_COLOR).underlined().set();
        }
        // Over the shared text that the link has just put there.
        putText(column, SafeText.forWorkbook(url));
    }

    /** The number as Excel can hold it, or null if it must be text. */
    private static @Nullable Number number(String json) {
        if (INTEGER.matcher(json).matches()) {
            int digits = json.length() - (json.charAt(0) == '-' ? 1 : 0);
            return digits <= EXACT_DIGITS ? Long.valueOf(json) : null;
        }
        double value = Double.parseDouble(json);
        return Double.isFinite(value) ? value : null;
    }

    private void fit() {
        for (int column = 0; column < longest.length && !flushed; column++) {
            Tabulation.Column limits = columns.get(column);
            // Two more for the margins, as capitals and bold letters are wider than digits, by which Excel measures.
            sheet.width(column, Math.clamp(longest[column] + 2.0, limits.narrowest(), limits.widest()));
        }
    }

    private void finishSheet() throws IOException {
        fit();
        sheet.finish();
    }

    @Override
    public void close() throws IOException {
        fit();
        workbook.finish();
        buffer.close();
    }

    /** A link at one cell alone: the library forgets the first of two that are equal. */
    private static final class Link extends HyperLink {
        private Link(String url) {
            super(url, "");
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
