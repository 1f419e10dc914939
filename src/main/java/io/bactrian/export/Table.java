package io.bactrian.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows as a table: {@code url}, {@code checked_at} for rows of checks, a column for each selector, {@code error}, then the metadata if it is included. */
final class Table implements Tabulation<ExportRow> {
    private static final double URL_WIDTH = 50;
    private static final double VALUE_WIDTH = 20;

    private final List<String> headings = new ArrayList<>();
    private final Map<String, Integer> dataColumns = new HashMap<>();
    private final Map<String, Integer> metadataColumns = new HashMap<>();
    private final int errorColumn;

    /** Or -1 where rows are of no checks. */
    private final int checkedColumn;

    Table(ExportLayout layout) {
        headings.add("url");
        checkedColumn = layout.checked() ? headings.size() : -1;
        if (layout.checked()) {
            headings.add("checked_at");
        }
        for (String selector : layout.selectors()) {
            dataColumns.put(selector, headings.size());
            headings.add(selector);
        }
        errorColumn = headings.size();
        headings.add("error");
        for (String name : layout.metadata()) {
            metadataColumns.put(name, headings.size());
            headings.add(name);
        }
    }

    @Override
    public List<Column> columns() {
        return headings.stream()
                .map(heading -> Column.ofWidth(heading, heading.endsWith("url") ? URL_WIDTH : VALUE_WIDTH))
                .toList();
    }

    @Override
    public Cell[] cells(ExportRow row) {
        Cell[] cells = new Cell[headings.size()];
        Arrays.fill(cells, Cell.EMPTY);
        cells[0] = Cell.ofText(row.url());
        if (checkedColumn >= 0) {
            cells[checkedColumn] = Cell.ofText(String.valueOf(row.checkedAt()));
        }
        try {
            spread(row.data(), dataColumns, cells);
            spread(row.metadata(), metadataColumns, cells);
        } catch (IOException cause) {
            // Not an IOException for the caller: it would look as if the reader of the download had gone.
            throw new IllegalStateException(
                    "Row " + row.position() + " cannot be exported: its stored JSON is malformed.", cause);
        }
        if (row.errorCode() != null) {
            cells[errorColumn] = Cell.ofText(row.errorCode());
        }
        return cells;
    }

    private static void spread(@Nullable String json, Map<String, Integer> columns, Cell[] cells) throws IOException {
        if (json == null || columns.isEmpty()) {
            return;
        }
        try (JsonParser parser = StoredJson.parser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                Integer column = columns.get(parser.currentName());
                JsonToken value = parser.nextToken();
                if (column == null) {
                    parser.skipChildren();
                } else {
                    cells[column] = cell(parser, value, json);
                }
            }
        }
    }

    private static Cell cell(JsonParser parser, @Nullable JsonToken value, String json) throws IOException {
        if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
            return Cell.ofText(skippedText(parser, json));
        }
        if (value == null || value == JsonToken.VALUE_NULL) {
            return Cell.EMPTY;
        }
        return new Cell(
                value.isNumeric() ? Cell.Kind.NUMBER : value.isBoolean() ? Cell.Kind.BOOLEAN : Cell.Kind.TEXT,
                parser.getText());
    }

    /** The list or object at the parser, exactly as it is stored. */
    private static String skippedText(JsonParser parser, String json) throws IOException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        return json.substring(start, (int) parser.currentLocation().getCharOffset());
    }
}
