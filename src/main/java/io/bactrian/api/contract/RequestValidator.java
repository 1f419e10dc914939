package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * Checks bodies and parameters of requests against the documents' own schemas.
 *
 * <p>The schemas are compiled once, when the service starts. Safe for use by many threads.
 */
@Component
public final class RequestValidator {
    private final Map<String, CompiledSchema> bodies = new HashMap<>();
    private final Set<String> forms = new HashSet<>();
    private final Map<String, List<DeclaredParameter>> parameters = new HashMap<>();

    public RequestValidator(Contract contract) {
        for (Operation operation : contract.operations()) {
            ContractDocument document = contract.document(operation.surface());
            JsonNode body = document.bodySchema(operation);
            if (body.isObject()) {
                bodies.put(operation.operationId(), new CompiledSchema(body, document.components()));
            }
            if (document.takesForm(operation)) {
                forms.add(operation.operationId());
            }
            parameters.put(
                    operation.operationId(),
                    document.parameters(operation).stream()
                            .filter(parameter ->
                                    !"path".equals(parameter.path("in").asText()))
                            .map(parameter -> new DeclaredParameter(parameter, document.components()))
                            .toList());
        }
    }

    /** Whether the operation takes a body. */
    public boolean takesBody(Operation operation) {
        return bodies.containsKey(operation.operationId());
    }

    /**
     * As {@link #body(Operation, InputStream, String)}, for a body that has been read; where there is none, none is declared.
     * The fields of a form are texts, and a signed body is one value of bytes, which nothing has looked into.
     */
    public JsonNode body(Operation operation, byte[] body, @Nullable String contentType) {
        if (operation.signed()) {
            return BinaryNode.valueOf(body);
        }
        if (forms.contains(operation.operationId())) {
            JsonNode fields = FormBody.read(body, contentType);
            check(operation, fields);
            return fields;
        }
        return body(
                operation,
                new ByteArrayInputStream(body),
                body.length == 0 && contentType == null ? MimeTypeUtils.APPLICATION_JSON_VALUE : contentType);
    }

    /**
     * Reads and checks a body, and closes it.
     *
     * @param contentType the {@code Content-Type} as it was sent, or null
     * @return the body as it was sent, nothing added or dropped
     * @throws InvalidInputException with a violation for each field at fault, at most 100; the field is empty where the body
     *     as a whole is at fault
     * @throws UnsupportedMediaTypeException when it is not declared as JSON in UTF-8
     * @throws java.io.UncheckedIOException when the connection breaks before the body has come
     */
    public JsonNode body(Operation operation, InputStream body, @Nullable String contentType) {
        requireJson(contentType);
        JsonNode tree = JsonBody.read(body);
        check(operation, tree);
        return tree;
    }

    /**
     * Reads a body that is not held against any schema yet.
     *
     * @throws InvalidInputException when it is not JSON, or beyond the bounds that every body has
     */
    public JsonNode json(byte[] body) {
        return JsonBody.read(new ByteArrayInputStream(body));
    }

    /**
     * Checks a body that has been read.
     *
     * @throws InvalidInputException with a violation for each field at fault, at most 100
     */
    public void check(Operation operation, JsonNode tree) {
        CompiledSchema schema = Optional.ofNullable(bodies.get(operation.operationId()))
                .orElseThrow(() -> new IllegalArgumentException(operation.operationId() + " takes no body."));
        Map<String, Violation> violations = new LinkedHashMap<>();
        Stream.concat(schema.check(tree).stream(), StorableText.check(tree).stream())
                .forEach(violation -> violations.putIfAbsent(violation.field(), violation));
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations.values().stream()
                    .limit(CompiledSchema.MAX_VIOLATIONS)
                    .map(violation -> worded(operation, violation))
                    .toList());
        }
    }

    /**
     * Checks the query and header parameters that the operation declares and turns them into values; others are ignored.
     *
     * @param query the query parameters, decoded, each with its values in the order that they were sent
     * @param header the value of a request header by its name, or null
     * @throws InvalidInputException with a violation for each parameter at fault
     */
    public Parameters parameters(
            Operation operation, Map<String, List<String>> query, Function<String, @Nullable String> header) {
        List<Violation> violations = new ArrayList<>();
        Map<String, Object> values = new HashMap<>();
        List<DeclaredParameter> declared = parameters.getOrDefault(operation.operationId(), List.of());
        for (DeclaredParameter parameter : declared) {
            parameter
                    .value(parameter.given(query, header), violations)
                    .ifPresent(value -> values.put(parameter.name(), value));
        }
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        return new Parameters(declared.stream().map(DeclaredParameter::name).toList(), values);
    }

    /** Names the field in the sentence where the API's errors have no other place for it. */
    private static Violation worded(Operation operation, Violation violation) {
        return switch (operation.surface()) {
            case SELEXTRACT -> violation;
            case MAPSCRAPER -> new Violation(violation.field(), violation.sentence());
        };
    }

    private static void requireJson(@Nullable String contentType) {
        if (contentType == null) {
            throw new UnsupportedMediaTypeException();
        }
        MimeType type;
        Charset charset;
        try {
            type = MimeTypeUtils.parseMimeType(contentType);
            charset = type.getCharset();
        } catch (IllegalArgumentException e) {
            throw new UnsupportedMediaTypeException();
        }
        boolean json = "application".equals(type.getType())
                && ("json".equals(type.getSubtype()) || type.getSubtype().endsWith("+json"));
        if (!json || (charset != null && !charset.equals(StandardCharsets.UTF_8))) {
            throw new UnsupportedMediaTypeException();
        }
    }
}
