package io.bactrian.demo;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Tells what is in a CSV file of results: its first rows as a table, and which pages could not be had. */
final class ResultsReport {
    private static final List<String> COLUMNS = List.of("title", "price", "rating", "in_stock");
    private static final List<String> HEADER = List.of("title", "price", "rating", "in_stock", "page");
    private static final int FIRST_ROWS = 5;
    private static final int WIDEST_COLUMN = 40;

    private final PrintStream out;

    ResultsReport(PrintStream out) {
        this.out = out;
    }

    /** Prints the report on a file. */
    void print(Path csv) {
        List<List<String>> firstRows = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        long rows = 0;
        try (CsvReader<NamedCsvRecord> reader =
                CsvReader.builder().detectBomHeader(true).ofNamedCsvRecord(csv)) {
            for (NamedCsvRecord row : reader) {
                rows++;
                if (firstRows.size() < FIRST_ROWS) {
                    firstRows.add(cells(row));
                }
                String error = row.findField("error").orElse("");
                if (!error.isEmpty()) {
                    failures.add(
                            "  %s  %s".formatted(error, row.findField("url").orElse("")));
                }
            }
        } catch (IOException | UncheckedIOException | CsvParseException failure) {
            throw new DemoException(
                    "The results in %s cannot be read: %s".formatted(csv, failure.getMessage()), failure);
        }
        String ellipsis = ProgressDisplay.canShow("…", out.charset()) ? "…" : "...";
        out.println();
        out.println("The first %s of %s rows:".formatted(firstRows.size(), rows));
        out.print(TextTable.draw(HEADER, firstRows, WIDEST_COLUMN, ellipsis));
        if (!failures.isEmpty()) {
            out.println();
            out.println("Pages that could not be had (the shop has a dead link on purpose):");
            failures.forEach(out::println);
        }
    }

    private static List<String> cells(NamedCsvRecord row) {
        List<String> cells = new ArrayList<>();
        COLUMNS.forEach(column -> cells.add(row.findField(column).orElse("")));
        // All pages are of one host: its name would only make the table wider than a terminal.
        cells.add(row.findField("url").orElse("").replaceFirst("^https?://[^/]*", ""));
        return cells;
    }
}
