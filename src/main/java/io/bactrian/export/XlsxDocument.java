package io.bactrian.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.regex.Pattern;
import org.dhatim.fastexcel.RichText;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;

/**
 * Rows as an Excel workbook: a sheet {@code Results} with a bold, frozen header row, continued on {@code Results 2} and so
 * on where a sheet is full.
 *
 * <p>Text is written inline, because the library holds shared strings in memory until the end.
 */
final class XlsxDocument implements RowDocument {
    /** Excel's 1,048,576 rows without the header row. */
    static final int ROWS_PER_SHEET = Worksheet.MAX_ROWS - 1;

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");

    /** Excel keeps 15 significant digits; a longer integer is likely an identifier, of which every digit counts. */
    private static final int EXACT_DIGITS = 15;

    private static final int FLUSH_THRESHOLD = 64 * 1024;
    private static final double URL_WIDTH = 50;
    private static final double VALUE_WIDTH = 20;

    private final Table table;
    private final int rowsPerSheet;
    private final BufferedOutputStream buffer;
    private final Workbook workbook;
    private Worksheet sheet;
    private int sheets;
    private int rows;
    private int unflushed;

    XlsxDocument(ExportLayout layout, OutputStream out, int rowsPerSheet) {
        this.table = new Table(layout);
        this.rowsPerSheet = rowsPerSheet;
        // The library writes the headers of its archive byte by byte.
        this.buffer = new BufferedOutputStream(out);
        this.workbook = new Workbook(buffer, "Bactrian", "1.0");
        this.sheet = nextSheet();
    }

    private Worksheet nextSheet() {
        sheets++;
        rows = 0;
        Worksheet next = workbook.newWorksheet(sheets == 1 ? "Results" : "Results " + sheets);
        next.freezePane(0, 1);
        List<String> headings = table.headings();
        for (int column = 0; column < headings.size(); column++) {
            String heading = headings.get(column);
            next.width(column, heading.endsWith("url") ? URL_WIDTH : VALUE_WIDTH);
            next.inlineString(0, column, SafeText.forWorkbook(heading));
            next.style(0, column).bold().set();
        }
        return next;
    }

    @Override
    public void write(ExportRow row) throws IOException {
        if (rows == rowsPerSheet) {
            sheet.finish();
            sheet = nextSheet();
        }
        rows++;
        Cell[] cells = table.cells(row);
        for (int column = 0; column < cells.length; column++) {
            put(column, cells[column]);
        }
        if (unflushed > FLUSH_THRESHOLD) {
            sheet.flush();
            unflushed = 0;
        }
    }

    private void put(int column, Cell cell) {
        switch (cell.kind()) {
            case EMPTY -> {}
            case TEXT -> putText(column, cell.text());
            case BOOLEAN -> sheet.value(rows, column, Boolean.valueOf(cell.text()));
            case NUMBER -> {
                Number number = number(cell.text());
                if (number == null) {
                    putText(column, cell.text());
                } else {
                    sheet.value(rows, column, number);
                }
            }
        }
        unflushed += 64;
    }

    private void putText(int column, String value) {
        String text = SafeText.forWorkbook(value);
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

    /** The number as Excel can hold it, or null if it must be text. */
    private static @Nullable Number number(String json) {
        if (INTEGER.matcher(json).matches()) {
            int digits = json.length() - (json.charAt(0) == '-' ? 1 : 0);
            return digits <= EXACT_DIGITS ? Long.valueOf(json) : null;
        }
        double value = Double.parseDouble(json);
        return Double.isFinite(value) ? value : null;
    }

    @Override
    public void close() throws IOException {
        workbook.finish();
        buffer.close();
    }
}
