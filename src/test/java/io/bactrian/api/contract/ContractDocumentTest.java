package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContractDocumentTest {
    private final Contract contract = new Contract();

    /** As Camel loads the documents that it mounts. */
    @ParameterizedTest
    @EnumSource
    void theParserOfCamelReadsTheDocument(Surface surface) throws IOException {
        ParseOptions options = new ParseOptions();
        options.setResolveFully(true);
        String yaml;
        try (InputStream resource = ContractDocumentTest.class.getResourceAsStream(surface.resource())) {
            yaml = new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8);
        }

        SwaggerParseResult result = new OpenAPIV3Parser().readContents(yaml, null, options);

        assertThat(result.getMessages()).isEmpty();
        OpenAPI document = result.getOpenAPI();
        List<String> parsed = document.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .map(operation -> operation.getOperationId())
                .toList();
        assertThat(parsed)
                .containsExactlyInAnyOrderElementsOf(contract.operations().stream()
                        .filter(operation -> operation.surface() == surface)
                        .map(Operation::operationId)
                        .toList());
    }

    @TestFactory
    Stream<DynamicTest> everyOperationDocumentsItsErrors() {
        List<DynamicTest> tests = new ArrayList<>();
        forEachOperation((path, definition) ->
                tests.add(DynamicTest.dynamicTest(definition.path("operationId").asText(), () -> {
                    List<String> statuses = new ArrayList<>();
                    definition.path("responses").fieldNames().forEachRemaining(statuses::add);
                    assertThat(statuses).contains("429", "500");
                    if (!definition.path("security").isArray()) {
                        assertThat(statuses).contains("401");
                    }
                    if (definition.path("description").asText().contains("Needs the permission")) {
                        assertThat(statuses).contains("403");
                    }
                    if (definition.has("requestBody")) {
                        assertThat(statuses).contains("400", "413");
                    }
                    // What is signed is for its signature to accept.
                    boolean signed = definition.path("operationId").asText().startsWith("receive");
                    if (definition.has("requestBody") && !signed) {
                        assertThat(statuses).contains("415");
                    }
                    if (path.contains("{")) {
                        assertThat(statuses).contains("404");
                    }
                    assertThat(definition.path("summary").asText()).isNotBlank();
                    assertThat(definition.path("description").asText()).isNotBlank();
                })));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> everyExampleFitsItsSchema() {
        return Stream.of(Surface.values()).flatMap(surface -> {
            JsonNode document = served(surface);
            List<DynamicTest> tests = new ArrayList<>();
            collectExamples(document, document, surface.name(), tests);
            return tests.stream();
        });
    }

    @Test
    void everyReferenceIsThere() {
        for (Surface surface : Surface.values()) {
            JsonNode document = served(surface);
            assertThat(document.findValues("$ref"))
                    .isNotEmpty()
                    .allSatisfy(reference -> assertThat(
                                    document.at(reference.asText().substring(1)).isMissingNode())
                            .as(reference.asText())
                            .isFalse());
        }
    }

    private void forEachOperation(BiConsumer<String, JsonNode> action) {
        for (Surface surface : Surface.values()) {
            for (Map.Entry<String, JsonNode> path :
                    served(surface).path("paths").properties()) {
                for (JsonNode member : path.getValue()) {
                    if (member.has("operationId")) {
                        action.accept(path.getKey(), member);
                    }
                }
            }
        }
    }

    private static void collectExamples(JsonNode document, JsonNode node, String place, List<DynamicTest> tests) {
        if (node.has("schema")) {
            CompiledSchema schema = new CompiledSchema(node.path("schema"), document.path("components"));
            List<JsonNode> examples = new ArrayList<>();
            if (node.has("example")) {
                examples.add(node.path("example"));
            }
            node.path("examples")
                    .forEach(example -> examples.add(resolve(document, example).path("value")));
            examples.forEach(example -> tests.add(DynamicTest.dynamicTest(
                    place + '[' + tests.size() + ']',
                    () -> assertThat(schema.check(example)).isEmpty())));
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            collectExamples(document, member.getValue(), place + '/' + member.getKey(), tests);
        }
        if (node.isArray()) {
            node.forEach(element -> collectExamples(document, element, place, tests));
        }
    }

    private static JsonNode resolve(JsonNode document, JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private JsonNode served(Surface surface) {
        try {
            return new ObjectMapper().readTree(contract.json(surface));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
