package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import io.bactrian.Violation;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Says in words what a schema's validator found.
 *
 * <p>A schema may bring its own words as {@code x-message}: a text for every violation of it, or an object with a text for
 * each keyword and, as {@code otherwise}, for the others. For a missing field those of the field count.
 */
final class Wording {
    static final String MESSAGE = "x-message";

    private final JsonNode root;

    /** @param root the schema, with the components that it refers to */
    Wording(JsonNode root) {
        this.root = root;
    }

    Violation violation(Error error) {
        String place = FieldPath.of(error.getInstanceLocation());
        String field = error.getProperty() == null ? place : FieldPath.member(place, error.getProperty());
        JsonNode schema = at(error.getSchemaLocation().getFragment().getParent());
        return new Violation(field, message(error, schema, field));
    }

    private String message(Error error, JsonNode schema, String field) {
        String keyword = error.getKeyword();
        JsonNode own = switch (keyword) {
            case "required" -> property(schema, error.getProperty()).path(MESSAGE);
            case "propertyNames" -> schema.path(keyword).path(MESSAGE);
            default -> schema.path(MESSAGE);
        };
        String words =
                own.isObject() ? own.path(keyword).asText(own.path("otherwise").asText()) : own.asText();
        if (!words.isEmpty()) {
            return words;
        }
        String predicate = predicate(keyword, schema.path(keyword));
        return field.isEmpty() ? "The body " + predicate + "." : predicate;
    }

    private static String predicate(String keyword, JsonNode limit) {
        return switch (keyword) {
            case "required" -> "is required";
            case "additionalProperties" -> "is not a known field";
            case "type" -> "must be " + types(limit);
            case "enum" -> "must be one of " + list(limit);
            case "const" -> "must be " + limit.asText();
            case "minimum" -> "must be at least " + limit.asText();
            case "maximum" -> "must be at most " + limit.asText();
            case "exclusiveMinimum" -> "must be greater than " + limit.asText();
            case "exclusiveMaximum" -> "must be less than " + limit.asText();
            case "minLength" ->
                limit.asInt() == 1 ? "must not be empty" : "must have at least " + limit.asText() + " characters";
            case "maxLength" -> "must have at most " + limit.asText() + " characters";
            case "minItems" -> "must have at least " + counted(limit, "item");
            case "maxItems" -> "must have at most " + counted(limit, "item");
            case "uniqueItems" -> "must not have the same item twice";
            case "minProperties" -> "must have at least " + counted(limit, "field");
            case "maxProperties" -> "must have at most " + counted(limit, "field");
            case "pattern" -> "must match the pattern " + limit.asText();
            case "propertyNames" -> "is not a valid name";
            default -> "is not valid";
        };
    }

    private static String counted(JsonNode limit, String noun) {
        return limit.asText() + ' ' + noun + (limit.asInt() == 1 ? "" : "s");
    }

    private static String types(JsonNode type) {
        return type.isArray()
                ? StreamSupport.stream(type.spliterator(), false)
                        .map(Wording::typeName)
                        .collect(Collectors.joining(" or "))
                : typeName(type);
    }

    private static String typeName(JsonNode type) {
        return switch (type.asText()) {
            case "integer" -> "an integer";
            case "array" -> "an array";
            case "object" -> "an object";
            case "boolean" -> "true or false";
            case "null" -> "null";
            default -> "a " + type.asText();
        };
    }

    private static String list(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }

    private JsonNode property(JsonNode schema, String name) {
        JsonNode property = schema.path("properties").path(name);
        JsonNode reference = property.path("$ref");
        return reference.isTextual() ? root.at(reference.asText().substring(1)) : property;
    }

    private JsonNode at(NodePath path) {
        JsonNode node = root;
        for (int position = 0; position < path.getNameCount(); position++) {
            Object step = path.getElement(position);
            node = step instanceof Integer index ? node.path(index) : node.path(String.valueOf(step));
        }
        return node;
    }
}
