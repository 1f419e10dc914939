package io.bactrian.export;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A CSV file for the import of a customer relationship management system (CRM), as its YAML describes it.
 *
 * @param forbiddenCharacters what the import refuses in values; such characters are left out
 */
record CrmFormat(String forbiddenCharacters, List<CrmColumn> columns) {
    CrmFormat {
        columns = List.copyOf(columns);
    }

    /**
     * A column of the file.
     *
     * @param sources paths into the place; the first that gives something counts
     * @param format what a value has to look like
     * @param values texts that stand for texts of the place, before the format
     * @param countries ISO 3166-1 alpha-2 codes of the countries whose places have the column, empty for all
     * @param fallback what stands where the place gives nothing
     * @param maxLength the most UTF-16 code units of a value
     */
    record CrmColumn(
            String heading,
            List<String> sources,
            ValueFormat format,
            Map<String, String> values,
            Set<String> countries,
            String fallback,
            int maxLength) {
        CrmColumn {
            sources = List.copyOf(sources);
            values = Map.copyOf(values);
            countries = Set.copyOf(countries);
        }
    }
}
