package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The running service as its clients know it: an address that speaks HTTP. */
final class Service {
    static final String PASSWORD = "correct horse battery staple";

    /** The address of the account that administers the service. */
    static final String ADMINISTRATOR = "admin@example.com";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger ACCOUNTS = new AtomicInteger();

    private final int port;
    private final JdbcClient database;
    private final int managementPort;
    private @Nullable Account administrator;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** @param database to look into what no client sees */
    Service(int port, int managementPort, JdbcClient database) {
        this.port = port;
        this.managementPort = managementPort;
        this.database = database;
    }

    /** The service's own database, to look into what no client sees. */
    JdbcClient database() {
        return database;
    }

    int port() {
        return port;
    }

    /** A request to that path and query, to be completed and sent. */
    Call call(String method, String target) {
        return new Call(this, method, target);
    }

    /** A new account on the free plan. */
    Account register() {
        return register("user" + ACCOUNTS.incrementAndGet() + "@example.com");
    }

    /** The account that administers the service, by the token of its registration. */
    synchronized Account administrator() {
        if (administrator == null) {
            administrator = register(ADMINISTRATOR);
        }
        return administrator;
    }

    private Account register(String email) {
        ObjectNode body = JSON.createObjectNode()
                .put("email", email)
                .put("password", PASSWORD)
                .put("name", "Ada");
        Reply reply = call("POST", "/auth/register").json(body).send();
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return new Account(
                this,
                email,
                reply.json().path("token").asText(),
                reply.json().path("apiKey").asText());
    }

    /** What the management port answers. */
    Reply management(String target) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + target))
                .build();
        return Reply.of(exchange(request, BodyHandlers.ofByteArray()));
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port + target);
    }

    /** Sends a request; whatever is answered must have what every answer has. */
    Reply send(HttpRequest request) {
        Reply reply = Reply.of(exchange(request, BodyHandlers.ofByteArray()));
        reply.assertHasWhatEveryAnswerHas();
        return reply;
    }

    /** Opens a stream of lines. */
    HttpResponse<Stream<String>> lines(HttpRequest request) {
        return exchange(request, BodyHandlers.ofLines());
    }

    /** Opens a body that is read as it comes. */
    InputStream open(HttpRequest request) {
        return exchange(request, BodyHandlers.ofInputStream()).body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
