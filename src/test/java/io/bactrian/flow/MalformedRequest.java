package io.bactrian.flow;

import java.util.List;
import java.util.function.Function;

/**
 * A request with a mistake in it.
 *
 * @param request what it is called in reports
 * @param field what the answer must name: a field in {@code details}, or a word of MapScraper's sentence
 */
record MalformedRequest(String request, Function<Account, Call> call, String field) {
    /** A task that nobody has. */
    static final String UNKNOWN = "/tasks/7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d";

    @Override
    public String toString() {
        return request + " → " + field;
    }

    static MalformedRequest body(String body, String field) {
        return sent("POST", "/tasks", body, field);
    }

    static MalformedRequest task(String field, String value) {
        return posted(
                field + " " + value, TaskRequest.simple("http://10.0.0.1/").with(field, value), field);
    }

    static MalformedRequest config(String field, String value) {
        return config(field, field, value);
    }

    static MalformedRequest config(String named, String field, String value) {
        return posted(
                field + " " + value, TaskRequest.simple("http://10.0.0.1/").config(field, value), "config." + named);
    }

    static MalformedRequest bulk(String field, String value) {
        return posted(
                "bulk " + field + " " + value,
                TaskRequest.bulk(List.of("http://10.0.0.1/")).config(field, value),
                "config." + field);
    }

    static MalformedRequest url(String value) {
        return posted(
                "URL " + value,
                TaskRequest.simple("http://10.0.0.1/").config("urls", "[" + value + "]"),
                "config.urls[0]");
    }

    static MalformedRequest named(String name) {
        return config("selectors." + name, "selectors", "{\"" + name + "\": \"h1\"}");
    }

    static MalformedRequest selector(String value) {
        return config("selectors.title", "selectors", "{\"title\": " + value + "}");
    }

    static MalformedRequest selector(String field, String value) {
        return config("selectors.title." + field, "selectors", "{\"title\": " + value + "}");
    }

    static MalformedRequest posted(String title, TaskRequest request, String field) {
        return new MalformedRequest(
                shortened(title), account -> account.call("POST", "/tasks").json(request.json()), field);
    }

    static MalformedRequest header(String name, String value) {
        return new MalformedRequest(
                shortened(name + ": " + value),
                account -> account.call("POST", "/tasks")
                        .header(name, value)
                        .json(TaskRequest.simple("http://10.0.0.1/").json()),
                name);
    }

    static MalformedRequest query(String target, String field) {
        return new MalformedRequest(shortened(target), account -> account.call("GET", target), field);
    }

    static MalformedRequest change(String body, String field) {
        return sent("PUT", UNKNOWN, body, field);
    }

    static MalformedRequest key(String body, String field) {
        return sent("POST", "/api-keys", body, field);
    }

    static MalformedRequest register(String body, String word) {
        return sent("POST", "/auth/register", body, word);
    }

    static MalformedRequest login(String body, String word) {
        return sent("POST", "/auth/login", body, word);
    }

    static MalformedRequest sent(String method, String target, String body, String field) {
        return new MalformedRequest(
                shortened(method + " " + target + " " + body),
                account -> account.call(method, target).text("application/json", body),
                field);
    }

    private static String shortened(String title) {
        return title.length() < 80 ? title : title.substring(0, 80) + "…";
    }
}
