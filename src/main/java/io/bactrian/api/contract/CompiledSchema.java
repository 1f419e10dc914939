package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.DisallowUnknownKeywordFactory;
import com.networknt.schema.keyword.NonValidationKeyword;
import io.bactrian.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A schema of a document (JSON Schema 2020-12), compiled once and safe for use by many threads.
 *
 * <p>It answers with one violation for each field at fault: a value of the wrong type is not also too short, and a field that
 * two branches of a schema look at is not reported twice.
 */
final class CompiledSchema {
    static final int MAX_VIOLATIONS = 100;

    /** Enough to fill the violations although several errors may be about one field. */
    private static final int MAX_ERRORS = 1_000;

    private static final Dialect DIALECT = Dialect.builder(Dialects.getDraft202012())
            .unknownKeywordFactory(DisallowUnknownKeywordFactory.getInstance())
            .keyword(new NonValidationKeyword("components"))
            .keyword(new NonValidationKeyword("example"))
            .keyword(new NonValidationKeyword(Wording.MESSAGE))
            .build();

    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDialect(
            DIALECT,
            builder -> builder.schemaRegistryConfig(SchemaRegistryConfig.builder()
                    // 30.0 is an integer in JSON Schema.
                    .losslessNarrowing(true)
                    .build()));

    private final Schema schema;
    private final Wording wording;

    /** @param components what references in the schema stand for */
    CompiledSchema(JsonNode definition, JsonNode components) {
        ObjectNode root = definition.deepCopy();
        root.set("components", components);
        schema = REGISTRY.getSchema(root);
        schema.initializeValidators();
        wording = new Wording(root);
    }

    /** At most {@link #MAX_VIOLATIONS} violations, each of another field. */
    List<Violation> check(JsonNode instance) {
        ExecutionContext context = schema.createExecutionContext();
        context.setErrors(new BoundedErrors());
        schema.validate(context, instance);
        Map<String, Violation> byField = new LinkedHashMap<>();
        for (Error error : context.getErrors()) {
            Violation violation = wording.violation(error);
            if ("type".equals(error.getKeyword())) {
                byField.put(violation.field(), violation);
            } else {
                byField.putIfAbsent(violation.field(), violation);
            }
        }
        return byField.values().stream().limit(MAX_VIOLATIONS).toList();
    }

    /** Forgets errors beyond a limit, so that a hostile body of many wrong values cannot fill the memory. */
    private static final class BoundedErrors extends ArrayList<Error> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean add(Error error) {
            return size() < MAX_ERRORS && super.add(error);
        }
    }
}
