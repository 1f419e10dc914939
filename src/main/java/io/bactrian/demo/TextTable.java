package io.bactrian.demo;

import java.util.List;
import java.util.regex.Pattern;

/** Rows of text as an aligned table for a terminal: numbers to the right, long cells cut, control characters removed. */
final class TextTable {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}]+");
    private static final String GAP = "  ";

    private TextTable() {}

    /**
     * Draws a table.
     *
     * @param header the columns' names
     * @param rows as many cells each as the header has
     * @param widest the most characters that a column may have
     * @param ellipsis what stands at the end of a cell that was cut
     * @return lines that end in a line feed
     */
    static String draw(List<String> header, List<List<String>> rows, int widest, String ellipsis) {
        int[] widths = new int[header.size()];
        boolean[] numeric = new boolean[header.size()];
        for (int column = 0; column < widths.length; column++) {
            int index = column;
            List<String> cells = rows.stream()
                    .map(row -> cell(row.get(index), widest, ellipsis))
                    .toList();
            widths[column] = Math.max(
                    cell(header.get(column), widest, ellipsis).length(),
                    cells.stream().mapToInt(String::length).max().orElse(0));
            numeric[column] = cells.stream().anyMatch(cell -> !cell.isEmpty())
                    && cells.stream()
                            .allMatch(cell ->
                                    cell.isEmpty() || NUMBER.matcher(cell).matches());
        }
        StringBuilder table = new StringBuilder();
        append(table, header, widths, numeric, widest, ellipsis);
        for (int width : widths) {
            table.append(GAP).append("-".repeat(width));
        }
        table.append('\n');
        for (List<String> row : rows) {
            append(table, row, widths, numeric, widest, ellipsis);
        }
        return table.toString();
    }

    private static void append(
            StringBuilder table, List<String> row, int[] widths, boolean[] numeric, int widest, String ellipsis) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cell(row.get(column), widest, ellipsis);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(GAP).append(numeric[column] ? padding + cell : cell + padding);
        }
        table.append(line.toString().stripTrailing()).append('\n');
    }

    private static String cell(String text, int widest, String ellipsis) {
        // What a page says must not steer the reader's terminal.
        String printable = UNPRINTABLE.matcher(text).replaceAll(" ").strip();
        return printable.length() <= widest
                ? printable
                : printable.substring(0, widest - ellipsis.length()).stripTrailing() + ellipsis;
    }
}
