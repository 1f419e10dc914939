package io.bactrian;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The JSON schema of Camel's YAML DSL, from the same version of Camel that runs the routes. */
final class RouteSchema {
    private static final String RESOURCE = "/schema/camelYamlDsl.json";
    private static final int MOST_COMPLAINTS = 5;

    private static final Dialect DIALECT = Dialect.builder(Dialects.getDraft4())
            .keyword(new NonValidationKeyword("deprecated"))
            .build();

    private final Schema schema;

    RouteSchema() {
        try (InputStream content = RouteSchema.class.getResourceAsStream(RESOURCE)) {
            if (content == null) {
                throw new IllegalStateException("camel-yaml-dsl has no " + RESOURCE + " any more: find its new name.");
            }
            schema = SchemaRegistry.withDialect(DIALECT).getSchema(new ObjectMapper().readTree(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Camel's schema does not allow: for each file the few deepest, which are the nearest to the cause. */
    List<String> complaints(RouteFiles routes) {
        List<String> complaints = new ArrayList<>();
        routes.files()
                .forEach((file, content) -> schema.validate(content).stream()
                        .sorted(Comparator.comparing(
                                (Error error) -> error.getInstanceLocation().getNameCount(), Comparator.reverseOrder()))
                        .limit(MOST_COMPLAINTS)
                        .forEach(error -> complaints.add(file + " at " + error.getInstanceLocation() + ": "
                                + error.getMessage() + ". Write it as Camel's YAML DSL has it.")));
        return complaints;
    }
}
