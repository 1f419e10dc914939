package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A response that one of the served documents describes, to hold an answer of the service against.
 *
 * @param name the operation's id and the status; with the media type where there are several, and with the API where the
 *     response is MapScraper's of an operation that both have
 * @param mediaType of the body
 */
public record DocumentedResponse(
        String name, Operation operation, int status, String mediaType, JsonNode definition, JsonNode document) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");
    private static final String UNKNOWN_ID = "7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d";
    private static final String UNKNOWN_NUMBER = "999999999";

    /** Formats such as {@code date-time} are held too, unlike by the service for what it is sent. */
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDialect(
            Dialects.getDraft202012(),
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    /** Every response of both documents. */
    public static List<DocumentedResponse> all() {
        Contract contract = new Contract();
        List<DocumentedResponse> responses = new ArrayList<>();
        for (Surface surface : Surface.values()) {
            JsonNode document = read(contract.json(surface));
            for (JsonNode path : document.path("paths")) {
                for (JsonNode definition : path) {
                    if (definition.has("operationId")) {
                        Operation operation = contract.operation(
                                definition.path("operationId").asText());
                        responses.addAll(of(operation, surface, definition, document));
                    }
                }
            }
        }
        return responses;
    }

    /**
     * The response of that name.
     *
     * @throws java.util.NoSuchElementException when the documents have none
     */
    public static DocumentedResponse named(String name) {
        return all().stream()
                .filter(response -> response.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<DocumentedResponse> of(
            Operation operation, Surface surface, JsonNode definition, JsonNode document) {
        List<DocumentedResponse> responses = new ArrayList<>();
        definition.path("responses").properties().forEach(entry -> {
            JsonNode response = resolve(entry.getValue(), document);
            JsonNode content = response.path("content");
            content.fieldNames().forEachRemaining(mediaType -> {
                String name = operation.operationId() + ' ' + entry.getKey();
                if (content.size() > 1) {
                    name += ' ' + mediaType;
                }
                if (surface != operation.surface()) {
                    name += " of " + surface.name().toLowerCase(Locale.ROOT);
                }
                responses.add(new DocumentedResponse(
                        name, operation, Integer.parseInt(entry.getKey()), mediaType, response, document));
            });
        });
        return responses;
    }

    /** The operation's path, where variables stand for things that nobody has. */
    public String pathOfNothing() {
        return VARIABLE.matcher(operation.path())
                .replaceAll(variable -> isNumber(variable.group(1)) ? UNKNOWN_NUMBER : UNKNOWN_ID);
    }

    private boolean isNumber(String variable) {
        JsonNode path = document.path("paths").path(operation.path());
        return Stream.of(path, operationDefinition())
                .flatMap(node -> StreamSupport.stream(node.path("parameters").spliterator(), false))
                .map(parameter -> resolve(parameter, document))
                .anyMatch(parameter -> parameter.path("name").asText().equals(variable)
                        && parameter.at("/schema/type").asText().equals("integer"));
    }

    /** A body that the document gives as an example of the operation's request, or empty where it takes none. */
    public Optional<JsonNode> exampleOfRequest() {
        JsonNode content = operationDefinition().at("/requestBody/content/application~1json");
        if (content.has("example")) {
            return Optional.of(content.path("example"));
        }
        return StreamSupport.stream(content.path("examples").spliterator(), false)
                .map(example -> resolve(example, document).path("value"))
                .findFirst();
    }

    private JsonNode operationDefinition() {
        return document.path("paths")
                .path(operation.path())
                .path(operation.method().toLowerCase(Locale.ROOT));
    }

    /**
     * What of an answer is not as documented; empty when all is.
     *
     * @param headers of the answer, with their names in lower case
     * @param unsent documented headers that this service is set up not to send
     */
    public List<String> differences(
            int actualStatus, Map<String, List<String>> headers, byte[] body, Set<String> unsent) {
        if (actualStatus != status) {
            return List.of("The status is %d.".formatted(actualStatus));
        }
        List<String> differences = new ArrayList<>();
        definition.path("headers").properties().stream()
                .filter(header -> !unsent.contains(header.getKey()))
                .forEach(header -> header(header.getKey(), resolve(header.getValue(), document), headers)
                        .ifPresent(differences::add));
        String sent = headers.getOrDefault("content-type", List.of("none")).getFirst();
        if (!sent.split(";", 2)[0].strip().equals(mediaType)) {
            differences.add("The media type is %s.".formatted(sent));
        }
        if (mediaType.equals("application/json")) {
            JsonNode schema = definition.path("content").path(mediaType).path("schema");
            JsonNode instance = read(body);
            differences.addAll(violations(schema, instance));
            undocumented(List.of(schema), instance, "", differences);
        }
        return differences;
    }

    private Optional<String> header(String name, JsonNode header, Map<String, List<String>> headers) {
        List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
        if (values == null) {
            return Optional.of("The header " + name + " is missing.");
        }
        boolean number = header.at("/schema/type").asText().equals("integer");
        return number && !values.getFirst().matches("[0-9]+")
                ? Optional.of("The header %s is no number: %s".formatted(name, values))
                : Optional.empty();
    }

    private List<String> violations(JsonNode schema, JsonNode instance) {
        ObjectNode root = schema.deepCopy();
        root.set("components", document.path("components"));
        return SCHEMAS.getSchema(root).validate(instance).stream()
                .map(error -> error.getInstanceLocation() + " " + error.getMessage())
                .toList();
    }

    /** Fields that none of the schemas for this place has; a schema that names no field at all allows every one. */
    private void undocumented(List<JsonNode> schemas, JsonNode instance, String place, List<String> differences) {
        List<JsonNode> all =
                schemas.stream().flatMap(schema -> parts(schema).stream()).toList();
        if (instance.isArray()) {
            List<JsonNode> items = all.stream()
                    .map(schema -> schema.path("items"))
                    .filter(JsonNode::isObject)
                    .toList();
            instance.forEach(item -> undocumented(items, item, place + "[]", differences));
            return;
        }
        Map<String, List<JsonNode>> properties = new LinkedHashMap<>();
        for (JsonNode schema : all) {
            schema.path("properties")
                    .properties()
                    .forEach(property -> properties
                            .computeIfAbsent(property.getKey(), name -> new ArrayList<>())
                            .add(property.getValue()));
        }
        if (properties.isEmpty()) {
            return;
        }
        instance.properties().forEach(field -> {
            String name = place + '/' + field.getKey();
            List<JsonNode> known = properties.get(field.getKey());
            if (known == null) {
                differences.add("The field " + name + " is not documented.");
            } else {
                undocumented(known, field.getValue(), name, differences);
            }
        });
    }

    /** A schema and those that it is put together from. */
    private List<JsonNode> parts(JsonNode schema) {
        JsonNode resolved = resolve(schema, document);
        List<JsonNode> parts = new ArrayList<>(List.of(resolved));
        for (String keyword : List.of("allOf", "oneOf", "anyOf")) {
            resolved.path(keyword).forEach(part -> parts.addAll(parts(part)));
        }
        return parts;
    }

    private static JsonNode resolve(JsonNode node, JsonNode document) {
        JsonNode reference = node.path("$ref");
        return reference.isTextual() ? document.at(reference.asText().substring(1)) : node;
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException("Not JSON.", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
