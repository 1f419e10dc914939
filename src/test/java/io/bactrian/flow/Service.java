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
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The running service as its clients know it: an address that speaks HTTP. */
final class Service {
    static final String PASSWORD = "correct horse battery staple";

    /** Who may administer the service. */
    static final String ADMIN = "Admin@example.com";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger ACCOUNTS = new AtomicInteger();
    private static final ReentrantLock ADMIN_ACCOUNT = new ReentrantLock();

    private final int port;
    private final JdbcClient database;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** @param database to look into what no client sees */
    Service(int port, JdbcClient database) {
        this.port = port;
        this.database = database;
    }

    /** What a query counts in the service's database. */
    long count(String query) {
        return database.sql(query).query(Long.class).single();
    }

    int port() {
        return port;
    }

    /** The service's database, for what no operation shows or does. */
    JdbcClient database() {
        return database;
    }

    /** A request to that path and query, to be completed and sent. */
    Call call(String method, String target) {
        return new Call(this, method, target);
    }

    /** A new account on the free plan. */
    Account register() {
        return signIn("/auth/register", "user" + ACCOUNTS.incrementAndGet() + "@example.com", 201);
    }

    /** The administrator's account; it has no {@code msk_} key at hand. */
    Account admin() {
        ADMIN_ACCOUNT.lock();
        try {
            boolean registered = database.sql("SELECT count(*) > 0 FROM account WHERE lower(email) = lower(?)")
                    .param(ADMIN)
                    .query(Boolean.class)
                    .single();
            return registered ? signIn("/auth/login", ADMIN, 200) : signIn("/auth/register", ADMIN, 201);
        } finally {
            ADMIN_ACCOUNT.unlock();
        }
    }

    private Account signIn(String path, String email, int status) {
        ObjectNode body = JSON.createObjectNode().put("email", email).put("password", PASSWORD);
        if (path.equals("/auth/register")) {
            body.put("name", "Ada");
        }
        Reply reply = call("POST", path).json(body).send();
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        return new Account(
                this,
                email,
                reply.json().path("token").asText(),
                reply.json().path("apiKey").asText());
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
