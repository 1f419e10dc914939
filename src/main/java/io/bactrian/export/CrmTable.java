package io.bactrian.export;

import io.bactrian.export.CrmFormat.CrmColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Places as a CRM wants to import them. */
final class CrmTable implements Tabulation<String> {
    /** Where places say which country they are in. */
    private static final String COUNTRY = "countryCode";

    /** Line breaks and the like would make a new line of an address, or a second row for a simple reader. */
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}\\p{Z}]+");

    private final CrmFormat format;
    private final PlaceFields fields;

    CrmTable(CrmFormat format) {
        this.format = format;
        List<String> paths = new ArrayList<>();
        paths.add(COUNTRY);
        format.columns().forEach(column -> paths.addAll(column.sources()));
        this.fields = new PlaceFields(paths);
    }

    @Override
    public List<Column> columns() {
        return format.columns().stream()
                .map(column -> Column.ofWidth(column.heading(), 0))
                .toList();
    }

    @Override
    public Cell[] cells(String placeJson) {
        Map<String, Cell> found = fields.read(placeJson);
        String country = text(found, COUNTRY).toUpperCase(Locale.ROOT);
        return format.columns().stream()
                .map(column -> cell(column, found, country))
                .toArray(Cell[]::new);
    }

    private Cell cell(CrmColumn column, Map<String, Cell> found, String country) {
        if (column.countries().isEmpty() || column.countries().contains(country)) {
            for (String source : column.sources()) {
                String text = text(found, source);
                String value = column.values().getOrDefault(text, text);
                if (!value.isEmpty()) {
                    Cell cell = column.format().cell(value, country, column.maxLength());
                    if (!cell.text().isEmpty()) {
                        return cell;
                    }
                }
            }
        }
        return Cell.ofText(column.fallback());
    }

    private String text(Map<String, Cell> found, String path) {
        String text = found.getOrDefault(path, Cell.EMPTY).text();
        for (int index = 0; index < format.forbiddenCharacters().length(); index++) {
            text = text.replace(format.forbiddenCharacters().charAt(index), ' ');
        }
        return BLANKS.matcher(text).replaceAll(" ").strip();
    }
}
