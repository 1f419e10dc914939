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
    private static final String PAGE = "page";
    private static final List<String> OF_PAGES = List.of("title", "price", "rating", "in_stock", PAGE);
    private static final List<String> OF_PLACES = List.of("place_name", "category", "rating", "review_count", "phone");
    private static final int FIRST_ROWS = 5;
    private static final int WIDEST_COLUMN = 40;

    private final PrintStream out;
    private final List<String> columns;

    private ResultsReport(PrintStream out, List<String> columns) {
        this.out = out;
        this.columns = columns;
    }

    static ResultsReport ofPages(PrintStream out) {
        return new ResultsReport(out, OF_PAGES);
    }

    static ResultsReport ofPlaces(PrintStream out) {
        return new ResultsReport(out, OF_PLACES);
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
        out.print(TextTable.draw(columns, firstRows, WIDEST_COLUMN, ellipsis));
        if (!failures.isEmpty()) {
            out.println();
            out.println("Pages that could not be had (the shop has a dead link on purpose):");
            failures.forEach(out::println);
        }
    }

    private List<String> cells(NamedCsvRecord row) {
        return columns.stream()
                .map(column -> column.equals(PAGE)
                        // All pages are of one host: its name would only make the table wider than a terminal.
                        ? row.findField("url").orElse("").replaceFirst("^https?://[^/]*", "")
                        : row.findField(column).orElse(""))
                .toList();
    }
}
