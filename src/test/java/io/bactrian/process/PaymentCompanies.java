package io.bactrian.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The APIs of Stripe and Lemon Squeezy, as far as they tell of subscriptions and refuse checkouts. */
final class PaymentCompanies implements AutoCloseable {
    private static final String SUBSCRIPTIONS = "/v1/subscriptions/";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile Function<String, @Nullable String> subscriptions = id -> null;
    private volatile int refusal = 500;
    private volatile String words = "";

    PaymentCompanies() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** @param present the JSON of a subscription by its id */
    void tellsOf(Function<String, @Nullable String> present) {
        subscriptions = present;
    }

    void refuseCheckouts(int status, String answer) {
        refusal = status;
        words = answer;
    }

    /** How often a subscription was asked for. */
    int questions() {
        return questions.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            String found = null;
            if (path.startsWith(SUBSCRIPTIONS)) {
                questions.incrementAndGet();
                found = subscriptions.apply(path.substring(SUBSCRIPTIONS.length()));
            }
            byte[] body = (found == null ? words : found).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(found == null ? refusal : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
