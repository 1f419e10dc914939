package io.bactrian.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A web site on a loopback port that takes its time, and counts how often each page was asked for. */
final class Site implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();
    private final Map<String, Duration> slower = new ConcurrentHashMap<>();
    private final Map<String, byte[]> other = new ConcurrentHashMap<>();
    private final Duration latency;

    private Site(HttpServer server, Duration latency) {
        this.server = server;
        this.latency = latency;
    }

    /** @param latency how long each page takes */
    static Site open(Duration latency) {
        try {
            HttpServer server = HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 256);
            Site site = new Site(server, latency);
            server.createContext("/", site::answer);
            server.setExecutor(site.threads);
            server.start();
            return site;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes one page slower than the others. */
    void slow(String path, Duration latency) {
        slower.put(path, latency);
    }

    /** Answers all pages whose first letters are these with this markup. */
    void answer(String prefix, String markup) {
        other.put(prefix, markup.getBytes(StandardCharsets.UTF_8));
    }

    List<String> urls(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> url(prefix + i)).toList();
    }

    String url(String path) {
        return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
    }

    /** How many different pages under a prefix were asked for. */
    long pagesAskedFor(String prefix) {
        return requests.keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .count();
    }

    /** How many requests came for pages under a prefix. */
    int requestsFor(String prefix) {
        return requests.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/robots.txt")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            requests.merge(path, 1, Integer::sum);
            if (closing.await(slower.getOrDefault(path, latency).toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            byte[] body = other.entrySet().stream()
                    .filter(entry -> path.startsWith(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseGet(() -> "<!doctype html><title>Page</title><h1>%s</h1>"
                            .formatted(path)
                            .getBytes(StandardCharsets.UTF_8));
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
