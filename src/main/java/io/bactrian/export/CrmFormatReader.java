package io.bactrian.export;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.bactrian.export.CrmFormat.CrmColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the description of a CRM's format, and says of a wrong one what is wrong where. */
final class CrmFormatReader {
    /** No CRM's text is longer; a value may not fill the memory. */
    private static final int LONGEST_VALUE = 100_000;

    private static final int MOST_COLUMNS = 500;
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9]+(?:\\.[A-Za-z0-9]+)*");
    private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
    private static final Set<String> KEYS = Set.of("forbidden-characters", "columns");
    private static final Set<String> COLUMN_KEYS =
            Set.of("heading", "source", "format", "values", "countries", "fallback", "max-length");

    private static final ObjectMapper MAPPER = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private final Path file;

    private CrmFormatReader(Path file) {
        this.file = file;
    }

    /**
     * The format that the file describes.
     *
     * @throws IllegalArgumentException if it describes none; the message names file and key
     */
    static CrmFormat read(Path file) {
        CrmFormatReader reader = new CrmFormatReader(file);
        try {
            return reader.format(MAPPER.readTree(Files.readString(file)));
        } catch (IOException cause) {
            throw new IllegalArgumentException(file + ": cannot be read as YAML: " + cause.getMessage(), cause);
        }
    }

    private CrmFormat format(JsonNode root) {
        require(root.isObject(), "", "must be a mapping with columns");
        requireKnown(root, "", KEYS);
        JsonNode list = root.path("columns");
        require(list.isArray() && !list.isEmpty(), "columns", "must be a list of at least one column");
        require(list.size() <= MOST_COLUMNS, "columns", "must be no more than " + MOST_COLUMNS);
        List<CrmColumn> columns = new ArrayList<>();
        Set<String> headings = new HashSet<>();
        for (int index = 0; index < list.size(); index++) {
            String place = "columns[" + index + "]";
            CrmColumn column = column(list.get(index), place);
            require(headings.add(column.heading()), place + ".heading", "is that of another column too");
            columns.add(column);
        }
        return new CrmFormat(text(root, "", "forbidden-characters"), columns);
    }

    private CrmColumn column(JsonNode column, String place) {
        require(column.isObject(), place, "must be a mapping with a heading");
        requireKnown(column, place, COLUMN_KEYS);
        String heading = text(column, place, "heading");
        require(!heading.isBlank(), place + ".heading", "is missing");
        require(
                SafeText.neutralised(heading).equals(heading),
                place + ".heading",
                "must not begin as a formula of a spreadsheet does");
        int maxLength = maxLength(column, place);
        String fallback = text(column, place, "fallback");
        require(fallback.length() <= maxLength, place + ".fallback", "must be no longer than max-length");
        return new CrmColumn(
                heading,
                sources(column, place),
                valueFormat(column, place),
                values(column, place),
                Set.copyOf(texts(column, place, "countries", COUNTRY, "ISO 3166-1 codes in capitals, such as \"US\"")),
                fallback,
                maxLength);
    }

    private List<String> sources(JsonNode column, String place) {
        return texts(column, place, "source", PATH, "a path into a place, such as address.city, or a list of them");
    }

    private ValueFormat valueFormat(JsonNode column, String place) {
        String name = text(column, place, "format");
        if (name.isEmpty()) {
            return ValueFormat.TEXT;
        }
        for (ValueFormat format : ValueFormat.values()) {
            if (format.key().equals(name)) {
                return format;
            }
        }
        String known = Arrays.stream(ValueFormat.values()).map(ValueFormat::key).collect(Collectors.joining(", "));
        throw wrong(place + ".format", "must be one of " + known + ", but is " + name);
    }

    private Map<String, String> values(JsonNode column, String place) {
        JsonNode values = column.path("values");
        require(values.isMissingNode() || values.isObject(), place + ".values", "must be a mapping of texts");
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : values.properties()) {
            texts.put(entry.getKey(), text(values, place + ".values", entry.getKey()));
        }
        return texts;
    }

    private int maxLength(JsonNode column, String place) {
        JsonNode length = column.path("max-length");
        if (length.isMissingNode()) {
            return LONGEST_VALUE;
        }
        require(
                length.isInt() && length.intValue() >= 1 && length.intValue() <= LONGEST_VALUE,
                place + ".max-length",
                "must be a whole number from 1 to " + LONGEST_VALUE);
        return length.intValue();
    }

    private List<String> texts(JsonNode column, String place, String key, Pattern pattern, String expected) {
        JsonNode node = column.path(key);
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(element -> texts.add(element.isTextual() ? element.textValue() : ""));
        } else if (!node.isMissingNode()) {
            texts.add(node.isTextual() ? node.textValue() : "");
        }
        require(
                texts.stream().allMatch(text -> pattern.matcher(text).matches()),
                place + "." + key,
                "must be " + expected);
        return texts;
    }

    /** The text of that key, or an empty one where the key is missing. */
    private String text(JsonNode parent, String place, String key) {
        JsonNode node = parent.path(key);
        require(
                node.isMissingNode() || node.isTextual(),
                place.isEmpty() ? key : place + "." + key,
                "must be a text; in YAML, quotes make one of anything");
        return node.asText("");
    }

    private void requireKnown(JsonNode node, String place, Set<String> known) {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            require(
                    known.contains(entry.getKey()),
                    place.isEmpty() ? entry.getKey() : place + "." + entry.getKey(),
                    "is unknown; there are " + known.stream().sorted().collect(Collectors.joining(", ")));
        }
    }

    private void require(boolean right, String place, String problem) {
        if (!right) {
            throw wrong(place, problem);
        }
    }

    private IllegalArgumentException wrong(String place, String problem) {
        return new IllegalArgumentException(file + ": " + (place.isEmpty() ? "" : place + " ") + problem + ".");
    }
}
