package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.OutsideText;
import io.bactrian.Violation;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A query or header parameter as a document declares it. */
final class DeclaredParameter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

    private final String name;
    private final boolean header;
    private final boolean required;
    private final String type;
    private final boolean time;
    private final boolean date;
    private final @Nullable JsonNode defaultValue;
    private final CompiledSchema schema;

    DeclaredParameter(JsonNode definition, JsonNode components) {
        JsonNode declared = definition.path("schema");
        name = definition.path("name").asText();
        header = "header".equals(definition.path("in").asText());
        required = definition.path("required").asBoolean();
        type = declared.path("type").asText();
        time = "date-time".equals(declared.path("format").asText());
        date = "date".equals(declared.path("format").asText());
        defaultValue = declared.get("default");
        schema = new CompiledSchema(declared, components);
    }

    String name() {
        return name;
    }

    /** The values that the request gives it. */
    List<String> given(Map<String, List<String>> query, Function<String, @Nullable String> headers) {
        if (header) {
            return Optional.ofNullable(headers.apply(name)).map(List::of).orElse(List.of());
        }
        return query.getOrDefault(name, List.of());
    }

    /** The value in its type, else the default; what is wrong with it is added to the violations. */
    Optional<Object> value(List<String> given, List<Violation> violations) {
        if (given.isEmpty()) {
            if (required) {
                violations.add(new Violation(name, "is required"));
            }
            return Optional.ofNullable(defaultValue).map(DeclaredParameter::plain);
        }
        boolean list = "array".equals(type);
        if (given.size() > 1 && !list) {
            violations.add(new Violation(name, "must be given once"));
            return Optional.empty();
        }
        if (!given.stream().allMatch(OutsideText::isClean)) {
            violations.add(StorableText.violation(name));
            return Optional.empty();
        }
        if (time) {
            return instant(given.getFirst(), violations);
        }
        if (date) {
            return date(given.getFirst(), violations);
        }
        JsonNode value = list ? array(given) : scalar(given.getFirst());
        List<Violation> found = schema.check(value);
        if (!found.isEmpty()) {
            violations.add(new Violation(name, message(found.getFirst())));
            return Optional.empty();
        }
        return Optional.of(plain(value));
    }

    private Optional<Object> instant(String text, List<Violation> violations) {
        Optional<Instant> instant = Timestamps.parse(text);
        if (instant.isEmpty()) {
            violations.add(new Violation(name, "must be an ISO 8601 date or time, such as 2026-01-15T10:30:00Z"));
        }
        return instant.map(Object.class::cast);
    }

    private Optional<Object> date(String text, List<Violation> violations) {
        Optional<LocalDate> day = Timestamps.parseDate(text);
        if (day.isEmpty()) {
            violations.add(new Violation(name, "must be an ISO 8601 date, such as 2026-01-15"));
        }
        return day.map(Object.class::cast);
    }

    private static ArrayNode array(List<String> given) {
        ArrayNode array = JSON.arrayNode();
        given.stream().flatMap(value -> Arrays.stream(value.split(",", -1))).forEach(array::add);
        return array;
    }

    private JsonNode scalar(String text) {
        boolean integer = "integer".equals(type) && INTEGER.matcher(text).matches();
        return integer ? JSON.numberNode(Long.parseLong(text)) : JSON.textNode(text);
    }

    /** A parameter has no parts that a client could name, so a violation of one is told of the whole. */
    private static String message(Violation violation) {
        return violation.message().replaceFirst("^The body (.*)\\.$", "$1");
    }

    private static Object plain(JsonNode value) {
        if (value.isArray()) {
            return new ArrayList<>(StreamSupport.stream(value.spliterator(), false)
                    .map(JsonNode::asText)
                    .toList());
        }
        return value.isIntegralNumber() ? value.intValue() : value.asText();
    }
}
