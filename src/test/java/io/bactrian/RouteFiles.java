package io.bactrian;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The YAML files of the flow, taken apart: files, routes and steps. */
final class RouteFiles {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, JsonNode> files = new LinkedHashMap<>();

    private RouteFiles() {}

    static RouteFiles in(Path directory) {
        RouteFiles routes = new RouteFiles();
        try (Stream<Path> found = Files.list(directory)) {
            for (Path file : found.filter(path -> path.toString().endsWith(".camel.yaml"))
                    .sorted()
                    .toList()) {
                routes.files.put(
                        directory.getFileName() + "/" + file.getFileName(), YAML.readTree(Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return routes;
    }

    /** One file of that content, with the name {@code sample.camel.yaml}. */
    static RouteFiles of(String content) {
        RouteFiles routes = new RouteFiles();
        try {
            routes.files.put("sample.camel.yaml", YAML.readTree(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return routes;
    }

    Map<String, JsonNode> files() {
        return files;
    }

    List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        definitions("route", (file, definition) -> routes.add(new Route(file, definition)));
        return routes;
    }

    List<String> routeConfigurations() {
        List<String> ids = new ArrayList<>();
        definitions(
                "routeConfiguration",
                (file, definition) -> ids.add(definition.path("id").asText()));
        return ids;
    }

    /** Every step of routes and of error configurations, with where it stands. */
    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (Route route : routes()) {
            steps.addAll(route.steps());
        }
        definitions(
                "routeConfiguration",
                (file, definition) ->
                        collect(file + ", " + definition.path("id").asText(), definition, steps));
        return steps;
    }

    private void definitions(String kind, BiConsumer<String, JsonNode> action) {
        files.forEach((file, content) -> {
            for (JsonNode entry : content) {
                if (entry.has(kind)) {
                    action.accept(file, entry.get(kind));
                }
            }
        });
    }

    private static void collect(String place, JsonNode node, List<Step> found) {
        for (JsonNode step : node.path("steps")) {
            step.properties().forEach(entry -> found.add(new Step(place, entry.getKey(), entry.getValue())));
        }
        node.forEach(child -> collect(place, child, found));
    }

    record Route(String file, JsonNode definition) {
        String id() {
            return definition.path("id").asText();
        }

        String place() {
            return file + ", " + (id().isEmpty() ? "a route without id" : id());
        }

        String from() {
            return definition.path("from").path("uri").asText();
        }

        JsonNode firstStep() {
            return definition.path("from").path("steps").path(0);
        }

        JsonNode lastStep() {
            JsonNode steps = definition.path("from").path("steps");
            return steps.path(steps.size() - 1);
        }

        /** All steps, also those inside of others. */
        List<Step> steps() {
            List<Step> found = new ArrayList<>();
            collect(place(), definition, found);
            return found;
        }
    }

    /**
     * One step.
     *
     * @param place the file and the route, for a reader
     * @param kind its pattern, such as {@code bean} or {@code split}
     */
    record Step(String place, String kind, JsonNode options) {
        String option(String name) {
            return options.path(name).asText();
        }

        /** The endpoint that it sends to, or nothing. */
        String uri() {
            return options.isTextual() && kind.startsWith("to") ? options.asText() : option("uri");
        }
    }
}
