package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A sample site on a loopback port. Any number of threads may ask it at once. */
final class SampleServer implements AutoCloseable {
    static {
        // Otherwise each answer on a kept connection waits 40 ms for the acknowledgement of its headers. The server
        // reads
        // this when its first instance is made.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    /** What a site answers to one request. */
    interface Site {
        Page answer(HttpExchange exchange) throws IOException;
    }

    /**
     * An answer of a site.
     *
     * @param header the one header that matters beside the usual ones: the type of the body, or where a redirect leads
     */
    record Page(int status, String header, String value, String body) {
        private static final String TYPE = "Content-Type";

        static Page of(String type, String body) {
            return new Page(200, TYPE, type, body);
        }

        static Page html(int status, String body) {
            return new Page(status, TYPE, "text/html; charset=utf-8", body);
        }

        static Page text(int status, String body) {
            return new Page(status, TYPE, "text/plain; charset=utf-8", body);
        }

        static Page redirect(int status, String location) {
            return new Page(status, "Location", location, "");
        }
    }

    private SampleServer(HttpServer server, Site site) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                send(exchange, site.answer(exchange));
            }
        });
        server.start();
    }

    /**
     * Opens a site.
     *
     * @param port the loopback port to listen on, or 0 for any that is free
     * @param name of the site, for messages
     * @throws DemoException if the port is in use
     */
    static SampleServer open(int port, String name, Site site) {
        try {
            return new SampleServer(
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0),
                    site);
        } catch (BindException inUse) {
            throw new DemoException(
                    "Port %s, which the %s needs, is in use: stop what listens there or choose another port."
                            .formatted(port, name),
                    inUse);
        } catch (IOException failure) {
            throw new DemoException(
                    "The %s cannot listen on port %s: %s".formatted(name, port, failure.getMessage()), failure);
        }
    }

    /** The site's address, without a slash at the end. */
    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
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
}
