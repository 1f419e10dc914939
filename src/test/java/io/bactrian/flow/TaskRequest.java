package io.bactrian.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The body of a request for a task, put together step by step. */
final class TaskRequest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode json = JSON.createObjectNode();
    private final ObjectNode config;

    private TaskRequest(String type, List<String> urls) {
        json.put("name", "A task").put("task_type", type);
        config = json.putObject("config");
        ArrayNode array = config.putArray("urls");
        urls.forEach(array::add);
        config.putObject("selectors").put("title", "h1");
    }

    static TaskRequest simple(String... urls) {
        return new TaskRequest("simple_scraping", List.of(urls));
    }

    static TaskRequest advanced(String... urls) {
        return new TaskRequest("advanced_scraping", List.of(urls));
    }

    static TaskRequest bulk(List<String> urls) {
        return new TaskRequest("bulk_scraping", urls);
    }

    /** A task that is checked once an hour. */
    static TaskRequest monitoring(String... urls) {
        return new TaskRequest("monitoring", List.of(urls)).config("schedule", "\"hourly\"");
    }

    /** Sets a field of the task to a value in JSON. */
    TaskRequest with(String field, String value) {
        json.set(field, parse(value));
        return this;
    }

    TaskRequest named(String name) {
        json.put("name", name);
        return this;
    }

    /** Sets a field of the config to a value in JSON. */
    TaskRequest config(String field, String value) {
        config.set(field, parse(value));
        return this;
    }

    ObjectNode json() {
        return json;
    }

    static JsonNode parse(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(value, e);
        }
    }
}
