package io.bactrian.demo;

import com.sun.net.httpserver.HttpExchange;
import io.bactrian.demo.SampleServer.Page;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    private final List<Product> products = Catalogue.products();
    private final Map<String, Product> productsBySlug =
            products.stream().collect(Collectors.toMap(Product::slug, Function.identity()));
    private final Map<String, Category> categoriesBySlug =
            Category.ALL.stream().collect(Collectors.toMap(Category::slug, Function.identity()));
    private final ShopPages pages = new ShopPages(products);
    private final SampleServer server;

    private SampleShop(int port) {
        this.server = SampleServer.open(port, "sample shop", this::answer);
    }

    /**
     * Opens the shop.
     *
     * @param port the loopback port to listen on, or 0 for any that is free
     * @throws DemoException if the port is in use
     */
    public static SampleShop open(int port) {
        return new SampleShop(port);
    }

    /** The address of the shop's home page. */
    public URI address() {
        return server.address().resolve("/");
    }

    /** The addresses of the 300 product pages, in the order of the catalogue. */
    public List<URI> productAddresses() {
        URI home = address();
        return products.stream().map(product -> home.resolve(product.path())).toList();
    }

    @Override
    public void close() {
        server.close();
    }

    private Page answer(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (method.equals("GET") || method.equals("HEAD")) {
            return page(exchange.getRequestURI().getPath());
        }
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        return Page.text(405, "This shop is only for looking.\n");
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
                yield product == null ? missing() : Page.of("image/svg+xml", pages.image(product));
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
            return Page.redirect(301, "/products/renewed/" + slug);
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
}
