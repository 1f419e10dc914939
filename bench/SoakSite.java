import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The sites that are scraped, and the receivers of webhooks, on loopback addresses. */
final class SoakSite implements AutoCloseable {
    /** Pages that each follow page leads to, itself included. */
    static final int FOLLOW_PAGES = 3;

    static final int SITEMAP_PAGES = 6;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHORT = 20;
    private static final int LONG = 10_000;

    private final HttpServer server;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final AtomicLong values = new AtomicLong();

    SoakSite() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 256);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String kind = path.split("/")[Math.min(1, path.split("/").length - 1)];
            pause(switch (kind) {
                case "slow" -> LONG;
                case "step" -> 300;
                default -> SHORT;
            });
            String title = "<!doctype html><meta charset=utf-8><title>Page</title><h1>" + path + "</h1>";
            switch (kind) {
                case "robots.txt", "missing" -> send(exchange, 404, "text/html", title);
                // The first request of each such page fails for a passing reason.
                case "flaky" -> send(exchange, seen.add(path) ? 503 : 200, "text/html; charset=utf-8", title);
                case "follow" -> {
                    int page = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
                    String next = page < FOLLOW_PAGES ? "<a class=next href='" + path.substring(0, path.lastIndexOf('/') + 1) + (page + 1) + "'>next</a>" : "";
                    send(exchange, 200, "text/html; charset=utf-8", title + next);
                }
                case "sitemap" -> {
                    StringBuilder map = new StringBuilder("<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
                    for (int i = 0; i < SITEMAP_PAGES; i++) {
                        map.append("<url><loc>").append(url("/ok" + path + "/" + i)).append("</loc></url>");
                    }
                    send(exchange, 200, "application/xml", map.append("</urlset>").toString());
                }
                case "script" -> send(exchange, 200, "text/html; charset=utf-8",
                        "<!doctype html><title>Page</title><div id=a></div><script>document.getElementById('a').innerHTML = '<h1>" + path + "</h1>'</script>");
                // Changes with each request, so that each check of a monitoring task has something to tell.
                case "value" -> send(exchange, 200, "text/html; charset=utf-8", "<!doctype html><h1>" + values.incrementAndGet() + "</h1>");
                case "json" -> send(exchange, 200, "application/json", "{\"a\": \"" + path + "\"}");
                // Not JSON: what the parser says of it has the character in it too.
                case "nul" -> send(exchange, 200, "application/json", "{\"a\": a\0b}");
                case "escaped-nul" -> send(exchange, 200, "application/json", "{\"a\": \"a\\u0000b\"}");
                default -> send(exchange, 200, "text/html; charset=utf-8", title);
            }
        }
    }

    private void pause(int milliseconds) {
        try {
            closing.await(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }

    /** A customer's receiver of webhooks: {@code healthy}, {@code failing} or {@code hanging}. */
    static final class Receiver implements AutoCloseable {
        /** The ids under which each event came, by {@link #key}. */
        final Map<String, Set<String>> events = new ConcurrentHashMap<>();
        /** The ids of files that came. */
        final Set<String> files = ConcurrentHashMap.newKeySet();
        final AtomicLong requests = new AtomicLong();
        final Set<String> badSignatures = ConcurrentHashMap.newKeySet();
        /** The secrets with which this receiver checks what comes, by the path that it came to. */
        final Map<String, String> secrets = new ConcurrentHashMap<>();

        private final String kind;
        private final String host;
        private final HttpServer server;
        private final CountDownLatch closing = new CountDownLatch(1);

        Receiver(String host, String kind) throws IOException {
            this.kind = kind;
            this.host = host;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), 0), 256);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", this::answer);
            server.start();
        }

        String url(String path) {
            return "http://" + host + ":" + server.getAddress().getPort() + path;
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                requests.incrementAndGet();
                switch (kind) {
                    case "failing" -> exchange.sendResponseHeaders(500, -1);
                    case "hanging" -> {
                        try {
                            closing.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    default -> {
                        take(exchange, body);
                        exchange.sendResponseHeaders(204, -1);
                    }
                }
            }
        }

        private void take(HttpExchange exchange, byte[] body) throws IOException {
            String path = exchange.getRequestURI().getPath();
            String id = exchange.getRequestHeaders().getFirst("webhook-id");
            String secret = secrets.get(path);
            if (secret != null && !isSigned(exchange, id, body, secret)) {
                badSignatures.add(path + " " + id);
            }
            if (path.startsWith("/file")) {
                files.add(id);
                return;
            }
            JsonNode event = JSON.readTree(body);
            events.computeIfAbsent(path + " " + key(event), any -> ConcurrentHashMap.newKeySet()).add(id);
        }

        private static boolean isSigned(HttpExchange exchange, String id, byte[] body, String secret) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(body);
                digest.update(secret.getBytes(StandardCharsets.UTF_8));
                String plain = "sha256=" + HexFormat.of().formatHex(digest.digest());
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
                mac.update((id + "." + exchange.getRequestHeaders().getFirst("webhook-timestamp") + ".").getBytes(StandardCharsets.UTF_8));
                String standard = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
                return plain.equals(exchange.getRequestHeaders().getFirst("X-Webhook-Signature"))
                        && standard.equals(exchange.getRequestHeaders().getFirst("webhook-signature"));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            closing.countDown();
            server.stop(0);
        }
    }

    /** What an event is about, so that the same one is known again whatever its id: its type and its subject. */
    static String key(JsonNode event) {
        JsonNode data = event.path("data");
        String type = event.path("type").asText();
        return type + " " + switch (type.substring(0, Math.max(0, type.indexOf('.')))) {
            case "task" -> data.path("taskId").asText();
            case "job" -> data.path("jobId").asText();
            case "search" -> data.path("searchId").asText() + " " + data.path("jobId").asText();
            case "monitor" -> data.path("taskId").asText() + " " + data.path("checkedAt").asText() + " " + data.path("url").asText();
            default -> data.toString();
        };
    }
}
