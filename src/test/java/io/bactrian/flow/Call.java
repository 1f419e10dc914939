package io.bactrian.flow;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.stream.Stream;

/** A request that is being put together. */
final class Call {
    private final Service service;
    private final String method;
    private final HttpRequest.Builder request;
    private BodyPublisher body = BodyPublishers.noBody();

    Call(Service service, String method, String target) {
        this.service = service;
        this.method = method;
        this.request = HttpRequest.newBuilder(service.uri(target)).timeout(Duration.ofSeconds(60));
    }

    /** With a token or key as {@code Authorization}. */
    Call as(String credential) {
        return header("Authorization", "Bearer " + credential);
    }

    Call header(String name, String value) {
        request.header(name, value);
        return this;
    }

    Call json(JsonNode json) {
        return text("application/json", json.toString());
    }

    Call text(String contentType, String text) {
        request.header("Content-Type", contentType);
        body = BodyPublishers.ofString(text);
        return this;
    }

    Call bytes(byte[] bytes) {
        body = BodyPublishers.ofByteArray(bytes);
        return this;
    }

    Reply send() {
        return service.send(request.method(method, body).build());
    }

    /** The body as it comes. */
    InputStream open() {
        return service.open(request.method(method, body).build());
    }

    HttpResponse<Stream<String>> lines() {
        return service.lines(request.method(method, body).build());
    }
}
