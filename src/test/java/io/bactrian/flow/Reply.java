package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpCookie;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An answer of the service. */
final class Reply {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int status;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final byte[] body;

    Reply(int status, Map<String, List<String>> headers, byte[] body) {
        this.status = status;
        this.headers.putAll(headers);
        this.body = body.clone();
    }

    static Reply of(HttpResponse<byte[]> response) {
        return new Reply(response.statusCode(), response.headers().map(), response.body());
    }

    int status() {
        return status;
    }

    byte[] body() {
        return body.clone();
    }

    @Nullable
    String header(String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.getFirst();
    }

    List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }

    /** The value of a cookie that the answer sets. */
    String cookie(String name) {
        return headers("Set-Cookie").stream()
                .flatMap(header -> HttpCookie.parse(header).stream())
                .filter(cookie -> cookie.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    /** The headers by their names in lower case. */
    Map<String, List<String>> headers() {
        Map<String, List<String>> lower = new TreeMap<>();
        headers.forEach((name, values) -> lower.put(name.toLowerCase(Locale.ROOT), values));
        return lower;
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException("Not JSON: " + text(), e);
        }
    }

    /** The fields that an error of Selextract's names. */
    List<String> fields() {
        List<String> fields = new ArrayList<>();
        json().path("details").forEach(detail -> fields.add(detail.path("field").asText()));
        return fields;
    }

    Reply expect(int expected) {
        assertThat(status).as(text()).isEqualTo(expected);
        return this;
    }

    void assertHasWhatEveryAnswerHas() {
        assertThat(header("X-Request-ID")).matches("[A-Za-z0-9._-]{1,128}");
        assertThat(header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(headers.keySet()).noneMatch(name -> name.regionMatches(true, 0, "camel", 0, 5));
        assertThat(headers).doesNotContainKeys("Authorization", "Cookie", "X-Custom", "X-API-Key", "Host", "Accept");
    }

    /** Asserts an error of Selextract's: the shape, the code, and a request id that the header has too. */
    void assertSelextractError(int expected, String code) {
        assertThat(status).as(text()).isEqualTo(expected);
        assertThat(header("Content-Type")).startsWith("application/json");
        JsonNode error = json();
        assertThat(error.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("error", "message", "details", "timestamp", "request_id");
        assertThat(error.path("error").asText()).as(text()).isEqualTo(code);
        assertThat(error.path("message").asText()).isNotBlank();
        assertThat(error.path("details").isArray()).isTrue();
        error.path("details").forEach(detail -> {
            assertThat(detail.path("field").isTextual()).isTrue();
            assertThat(detail.path("message").asText()).isNotBlank();
        });
        assertThat(error.path("timestamp").asText()).endsWith("Z");
        assertThat(error.path("request_id").asText()).isEqualTo(header("X-Request-ID"));
        assertShowsNoInternals();
    }

    /** Asserts an error of MapScraper's: one sentence. */
    void assertMapscraperError(int expected) {
        assertThat(status).as(text()).isEqualTo(expected);
        assertThat(header("Content-Type")).startsWith("application/json");
        assertThat(json().path("error").asText()).isNotBlank();
        assertThat(json().has("details")).isFalse();
        assertThat(json().has("request_id")).isFalse();
        assertShowsNoInternals();
    }

    private void assertShowsNoInternals() {
        assertThat(text()).doesNotContainPattern("(?i)exception|io\\.bactrian|org\\.|java\\.|\\tat |select .* from");
    }
}
