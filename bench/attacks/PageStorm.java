import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One account's storm of hostile pages against a node that runs on this machine: two tasks of many pages of {@code <br>} each,
 * with selectors that are expensive on them, while another account calls the API and has a page scraped from time to time.
 *
 * <p>The node needs BACTRIAN_EGRESS_ALLOW=127.0.0.0/8 and BACTRIAN_RATELIMIT_ENABLED=false.
 */
public final class PageStorm {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static String api = "http://127.0.0.1:3001";

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            api = arguments[0];
        }
        int elements = Integer.getInteger("elements", 2_600_000);
        int pages = Integer.getInteger("pages", 40);
        int seconds = Integer.getInteger("seconds", 60);
        HttpServer site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        byte[] hostile = "<br>".repeat(elements).getBytes(StandardCharsets.US_ASCII);
        byte[] small = "<h1>Small</h1>".getBytes(StandardCharsets.US_ASCII);
        serve(site, "/hostile/", hostile);
        serve(site, "/small/", small);
        site.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        site.start();
        String base = "http://127.0.0.1:" + site.getAddress().getPort();
        String attacker = key();

        measure(base, 5);
        System.out.println("idle   " + measure(base, 20));
        for (String selector : List.of("xpath:count(//br)", "br:nth-last-child(2)")) {
            create(attacker, base + "/hostile/", pages / 2, pages / 2, selector);
        }
        Thread.sleep(3_000);
        System.out.println("attack " + measure(base, seconds));
        System.exit(0);
    }

    private static void serve(HttpServer site, String path, byte[] body) {
        site.createContext(path, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
    }

    /** Calls the API and has pages scraped for so many seconds, and says how long both took; each time with units of its own. */
    private static String measure(String base, int seconds) throws Exception {
        String key = key();
        List<Long> calls = Collections.synchronizedList(new ArrayList<>());
        List<Long> tasks = new ArrayList<>();
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        Thread caller = Thread.ofPlatform().start(() -> {
            while (System.nanoTime() < end) {
                long begun = System.nanoTime();
                send(request("/tasks?page_size=5", key).GET());
                calls.add(System.nanoTime() - begun);
                sleep(50);
            }
        });
        while (System.nanoTime() < end) {
            long begun = System.nanoTime();
            String id = create(key, base + "/small/", 1, 1, "h1");
            while (!Pattern.compile("\"status\":\"(completed|failed)\"").matcher(send(request("/tasks/" + id, key).GET())).find()) {
                sleep(20);
                if (System.nanoTime() - begun > Duration.ofMinutes(3).toNanos()) {
                    throw new IllegalStateException("The small task does not end.");
                }
            }
            tasks.add(System.nanoTime() - begun);
            sleep(200);
        }
        caller.join();
        return "calls " + percentiles(calls) + "; small tasks " + percentiles(tasks);
    }

    private static String percentiles(List<Long> nanos) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        return "%d: median %d ms, 95%% %d ms, slowest %d ms".formatted(
                sorted.size(),
                sorted.get(sorted.size() / 2) / 1_000_000,
                sorted.get(sorted.size() * 95 / 100) / 1_000_000,
                sorted.getLast() / 1_000_000);
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String key() {
        String token = member("token", send(json("/auth/register", "", """
                {"email": "%s@example.com", "password": "correct horse battery"}""".formatted(UUID.randomUUID()))));
        return member("api_key", send(json("/api-keys", token, "{\"name\": \"Key\"}")));
    }

    private static String create(String key, String base, int pages, int parallel, String selector) {
        StringBuilder urls = new StringBuilder();
        for (int page = 0; page < pages; page++) {
            urls.append(page == 0 ? "" : ", ").append('"').append(base).append(page).append('"');
        }
        return member("id", send(json("/tasks", key, """
                {"name": "Pages", "task_type": "bulk_scraping", "config": {"urls": [%s], "selectors": {"x": "%s"},
                 "parallel_requests": %d, "timeout": 120, "respect_robots_txt": false}}""".formatted(urls, selector, parallel))));
    }

    private static String member(String name, String json) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("There is no " + name + " in " + json);
        }
        return matcher.group(1);
    }

    private static HttpRequest.Builder request(String path, String credential) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path)).timeout(Duration.ofMinutes(3));
        return credential.isEmpty() ? request : request.header("Authorization", "Bearer " + credential);
    }

    private static HttpRequest.Builder json(String path, String credential, String body) {
        return request(path, credential)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static String send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString()).body();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
