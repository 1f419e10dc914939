package io.bactrian.origin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.svix.Webhook;
import com.svix.exceptions.EmptyWebhookSecretException;
import com.svix.exceptions.WebhookVerificationException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A customer's receiver of webhooks at a loopback address of its own, that is well or sick.
 *
 * <p>Once it knows its secret, it takes nothing that is not signed with it, in either way. What it takes and refuses it notes.
 */
public final class WebhookReceiver implements AutoCloseable {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int GONE = 410;
    private static final int FAILED = 500;
    private static final int BUSY = 503;

    /** How a receiver is. */
    public enum Mode {
        /** Takes everything at once. */
        HEALTHY,
        /** Takes everything after three seconds. */
        SLOW,
        /** Takes connections and requests, and never answers. */
        HANGING,
        /** Answers every other request 500. */
        HALF_FAILING,
        /** Answers 500. */
        FAILING,
        /** Answers 410. */
        GONE,
        /** Answers 503, and asks to be left alone for two seconds. */
        BUSY,
        /** Refuses connections. */
        DEAD
    }

    /**
     * A request as it came, and what it was answered.
     *
     * @param id its {@code webhook-id}
     * @param headers names in lower case
     */
    public record Received(Instant at, String id, Map<String, String> headers, String body, int status) {
        public boolean taken() {
            return status == OK;
        }
    }

    private final Clock clock;
    private final ConcurrentLinkedQueue<Received> received = new ConcurrentLinkedQueue<>();
    private final Set<String> takenIds = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final String host;
    private final @Nullable HttpServer server;
    private final @Nullable Socket reserved;
    private volatile Mode mode;
    private volatile @Nullable String secret;

    private WebhookReceiver(String address, Mode mode, Clock clock) throws IOException {
        this.host = address;
        this.mode = mode;
        this.clock = clock;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getByName(address), 0);
        if (mode == Mode.DEAD) {
            // Holds the port for itself, and does not listen.
            reserved = new Socket();
            reserved.bind(anyPort);
            server = null;
        } else {
            reserved = null;
            server = HttpServer.create(anyPort, 256);
            server.setExecutor(handlers);
            server.createContext("/", this::answer);
            server.start();
        }
    }

    /** Starts at an address of this machine, written in digits. */
    public static WebhookReceiver startAt(String address, Mode mode) {
        try {
            return new WebhookReceiver(address, mode, Clock.systemUTC());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return URI.create("http://" + host + ":" + port() + "/events").toString();
    }

    private int port() {
        if (server != null) {
            return server.getAddress().getPort();
        }
        return reserved == null ? 0 : reserved.getLocalPort();
    }

    /** Changes how it is; one that was started dead stays so. */
    public void become(Mode next) {
        mode = next;
    }

    /** Has it verify what comes from now on, by code that is not ours. */
    public void verifyWith(String text) {
        secret = text;
    }

    /** Every request so far that was answered, in the order of the answers. */
    public List<Received> received() {
        return List.copyOf(received);
    }

    /** Every request so far that was taken. */
    public List<Received> taken() {
        return received.stream().filter(Received::taken).toList();
    }

    /** The ids of what was taken. */
    public Set<String> takenIds() {
        return Set.copyOf(takenIds);
    }

    /** How many requests came, answered or not. */
    public int requests() {
        return requests.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        int number = requests.incrementAndGet();
        Instant at = clock.instant();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(",", values)));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (mode == Mode.HANGING) {
            pause(Long.MAX_VALUE);
            return;
        }
        if (mode == Mode.SLOW) {
            pause(3);
        }
        int status = isGenuine(headers, body) ? status(number) : UNAUTHORIZED;
        received.add(new Received(at, headers.getOrDefault("webhook-id", ""), headers, body, status));
        if (status == OK) {
            takenIds.add(headers.getOrDefault("webhook-id", ""));
        }
        if (status == BUSY) {
            exchange.getResponseHeaders().add("Retry-After", "2");
        }
        byte[] text = ("This is answer " + number + ".").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, text.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(text);
        }
    }

    private int status(int number) {
        return switch (mode) {
            case HEALTHY, SLOW, HANGING, DEAD -> OK;
            case HALF_FAILING -> number % 2 == 0 ? OK : FAILED;
            case FAILING -> FAILED;
            case GONE -> GONE;
            case BUSY -> BUSY;
        };
    }

    private boolean isGenuine(Map<String, String> headers, String body) {
        String key = secret;
        if (key == null) {
            return true;
        }
        Map<String, List<String>> lists = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        try {
            new Webhook(key).verify(body, lists);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((body + key).getBytes(StandardCharsets.UTF_8));
            return ("sha256=" + HexFormat.of().formatHex(digest)).equals(headers.get("x-webhook-signature"));
        } catch (WebhookVerificationException | EmptyWebhookSecretException refused) {
            return false;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    private void pause(long seconds) {
        try {
            if (closed.await(seconds, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The receiver was closed.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            if (server != null) {
                server.stop(0);
            }
            if (reserved != null) {
                reserved.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            handlers.shutdownNow();
        }
    }
}
