package io.bactrian.api.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.bactrian.limit.RateLimitClass;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** One of the two OpenAPI documents, read from its YAML. */
final class ContractDocument {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    private static final String SHARED_PATHS = "x-shared-paths";
    private static final String MESSAGE = "x-message";
    private static final String PERMISSION = "x-permission";
    private static final String ADMIN = "x-admin";
    private static final String RATE_LIMIT = "x-rate-limit";
    private static final String SIGNED_BODY = "x-signed-body";
    private static final String FORM = "/requestBody/content/application~1x-www-form-urlencoded/schema";

    private final Surface surface;
    private final JsonNode root;
    private final byte[] json;

    private ContractDocument(Surface surface, JsonNode root) {
        this.surface = surface;
        this.root = root;
        this.json = served(surface, root.deepCopy());
    }

    static ContractDocument load(Surface surface) {
        try (InputStream yaml = ContractDocument.class.getResourceAsStream(surface.resource())) {
            if (yaml == null) {
                throw new IllegalStateException("The class path has no " + surface.resource() + ".");
            }
            return new ContractDocument(surface, new ObjectMapper(new YAMLFactory()).readTree(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(surface.resource() + " cannot be read.", e);
        }
    }

    /** The operations that this document mounts, in its order. */
    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(member -> METHODS.contains(member.getKey()))
                        .map(member -> operation(path.getKey(), member.getKey(), member.getValue()))
                        .forEach(operations::add));
        return operations;
    }

    private Operation operation(String path, String method, JsonNode definition) {
        JsonNode permission = definition.path(PERMISSION);
        JsonNode security = definition.path("security");
        return new Operation(
                definition.path("operationId").asText(),
                surface,
                method.toUpperCase(Locale.ROOT),
                path,
                permission.isTextual() ? permission.asText() : null,
                definition.path(ADMIN).asBoolean(),
                security.isArray() && security.isEmpty(),
                definition.path(SIGNED_BODY).asBoolean(),
                rateLimit(surface, definition),
                successStatus(definition));
    }

    private static RateLimitClass rateLimit(Surface surface, JsonNode definition) {
        JsonNode name = definition.path(RATE_LIMIT);
        return name.isMissingNode() ? surface.rateLimit() : RateLimitClass.of(name.asText());
    }

    private static int successStatus(JsonNode definition) {
        return definition.path("responses").properties().stream()
                .map(Map.Entry::getKey)
                .filter(status -> status.startsWith("2") || status.startsWith("3"))
                .mapToInt(Integer::parseInt)
                .min()
                .orElseThrow();
    }

    /** The schema of the operation's body, of JSON or of a form's fields; missing where it takes none. */
    JsonNode bodySchema(Operation operation) {
        JsonNode form = definition(operation).at(FORM);
        return form.isObject() ? form : definition(operation).at("/requestBody/content/application~1json/schema");
    }

    /** Whether the operation's body is what a form in a browser sends. */
    boolean takesForm(Operation operation) {
        return definition(operation).at(FORM).isObject();
    }

    /** The parameters of the operation and of its path, references resolved. */
    List<JsonNode> parameters(Operation operation) {
        List<JsonNode> parameters = new ArrayList<>();
        pathItem(operation).path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        definition(operation).path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        return parameters;
    }

    /** The schemas that others refer to. */
    JsonNode components() {
        return root.path("components");
    }

    /** The node that a reference within this document stands for; any other node is itself. */
    JsonNode resolve(JsonNode node) {
        JsonNode reference = node.path("$ref");
        return reference.isTextual() ? root.at(reference.asText().substring(1)) : node;
    }

    private JsonNode pathItem(Operation operation) {
        return root.path("paths").path(operation.path());
    }

    private JsonNode definition(Operation operation) {
        return pathItem(operation).path(operation.method().toLowerCase(Locale.ROOT));
    }

    /** The document as clients get it: JSON in UTF-8. */
    byte[] json() {
        return json.clone();
    }

    /**
     * Moves shared paths among the paths, tells permissions and rate limits in words, and drops what is meant for this service
     * alone.
     */
    private static byte[] served(Surface surface, ObjectNode document) {
        if (document.remove(SHARED_PATHS) instanceof ObjectNode shared) {
            document.withObject("/paths").setAll(shared);
        }
        describeRateLimits(surface, document);
        describePermissions(document);
        drop(MESSAGE, document);
        drop(SIGNED_BODY, document);
        try {
            return new ObjectMapper().writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void describePermissions(ObjectNode served) {
        for (JsonNode path : served.path("paths")) {
            for (JsonNode member : path) {
                if (member instanceof ObjectNode definition && definition.remove(PERMISSION) instanceof TextNode name) {
                    describe(definition, "Needs the permission `" + name.asText() + "`.");
                }
                if (member instanceof ObjectNode definition && definition.remove(ADMIN) != null) {
                    describe(definition, "Needs the token or session of an administrator.");
                }
            }
        }
    }

    private static void describeRateLimits(Surface surface, ObjectNode served) {
        for (JsonNode path : served.path("paths")) {
            for (Map.Entry<String, JsonNode> member : path.properties()) {
                if (METHODS.contains(member.getKey()) && member.getValue() instanceof ObjectNode definition) {
                    RateLimitClass limit = rateLimit(surface, definition);
                    definition.remove(RATE_LIMIT);
                    if (limit != surface.rateLimit()) {
                        describe(definition, "Counts for the rate limit of " + limit.words() + ".");
                    }
                }
            }
        }
    }

    private static void describe(ObjectNode definition, String sentence) {
        String description = definition.path("description").asText().strip();
        definition.put("description", (description + "\n\n" + sentence).strip());
    }

    private static void drop(String extension, JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(extension);
        }
        for (Iterator<JsonNode> children = node.elements(); children.hasNext(); ) {
            drop(extension, children.next());
        }
    }
}
