package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A small web shop on a loopback port, for people who want to see a scraper at work without troubling anyone's site.
 *
 * <p>It has 300 product pages of 15 to 40 KB, the same bytes on each run, and three that misbehave as pages do: one answers 404,
 * one takes 300 ms, one redirects. Any number of threads may ask it at once.
 */
public final class SampleShop implements AutoCloseable {
    /** The port where nothing else is asked for. */
    public static final int DEFAULT_PORT = 3002;

    static final int SLOW = 58;
    static final int DISCONTINUED = 137;
    static final int MOVED = 211;

    private static final Duration SLOWNESS = Duration.ofMillis(300);

    static {
        // Otherwise each answer on a kept connection waits 40 ms for the acknowledgement of its headers. The server
        // reads this
        // when its first instance is made.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final List<Product> products = Catalogue.products();
    private final Map<String, Product> productsBySlug =
            products.stream().collect(Collectors.toMap(Product::slug, Function.identity()));
    private final Map<String, Category> categoriesBySlug =
            Category.ALL.stream().collect(Collectors.toMap(Category::slug, Function.identity()));
    private final ShopPages pages = new ShopPages(products);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    private SampleShop(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Opens the shop.
     *
     * @param port the loopback port to listen on, or 0 for any that is free
     * @throws DemoException if the port is in use
     */
    public static SampleShop open(int port) {
        try {
            return new SampleShop(HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0));
        } catch (BindException inUse) {
            throw new DemoException(
                    "Port %s, which the sample shop needs, is in use: stop what listens there or choose another port."
                            .formatted(port),
                    inUse);
        } catch (IOException failure) {
            throw new DemoException(
                    "The sample shop cannot listen on port " + port + ": " + failure.getMessage(), failure);
        }
    }

    /** The address of the shop's home page. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** The addresses of the 300 product pages, in the order of the catalogue. */
    public List<URI> productAddresses() {
        URI home = address();
        return products.stream().map(product -> home.resolve(product.path())).toList();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (method.equals("GET") || method.equals("HEAD")) {
                send(exchange, page(exchange.getRequestURI().getPath()));
            } else {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, Page.text(405, "This shop is only for looking.\n"));
            }
        }
    }

    private Page page(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return switch (path.substring(0, path.lastIndexOf('/') + 1)) {
            case "/" ->
                switch (name) {
                    case "" -> Page.html(200, pages.home());
                    case "robots.txt" -> Page.text(200, "User-agent: *\nAllow: /\n");
                    default -> missing();
                };
            case "/categories/" -> {
                Category category = categoriesBySlug.get(name);
                yield category == null ? missing() : Page.html(200, pages.category(category));
            }
            case "/products/" -> productPage(name);
            case "/products/renewed/" -> {
                Product product = productsBySlug.get(name);
                yield product == null ? missing() : Page.html(200, pages.product(product));
            }
            case "/images/" -> {
                Product product = productsBySlug.get(name.replaceFirst("\\.svg$", ""));
                yield product == null
                        ? missing()
                        : new Page(200, "Content-Type", "image/svg+xml", pages.image(product));
            }
            default -> missing();
        };
    }

    private Page productPage(String slug) {
        Product product = productsBySlug.get(slug);
        if (product == null || product.number() == DISCONTINUED) {
            return missing();
        }
        if (product.number() == MOVED) {
            return new Page(301, "Location", "/products/renewed/" + slug, "");
        }
        if (product.number() == SLOW) {
            pause();
        }
        return Page.html(200, pages.product(product));
    }

    private Page missing() {
        return Page.html(404, pages.missing());
    }

    private static void pause() {
        try {
            Thread.sleep(SLOWNESS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, Page page) throws IOException {
        exchange.getResponseHeaders().set(page.header(), page.value());
        byte[] body = page.body().getBytes(UTF_8);
        if (body.length == 0 || exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(page.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(page.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    /**
     * An answer of the shop.
     *
     * @param header the one header that matters beside the usual ones: the type of the body, or where a redirect leads
     */
    private record Page(int status, String header, String value, String body) {
        static Page html(int status, String body) {
            return new Page(status, "Content-Type", "text/html; charset=utf-8", body);
        }

        static Page text(int status, String body) {
            return new Page(status, "Content-Type", "text/plain; charset=utf-8", body);
        }
    }
}
