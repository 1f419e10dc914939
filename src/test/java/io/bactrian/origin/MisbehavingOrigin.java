package io.bactrian.origin;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real web site on a loopback port, over bare sockets, whose every path may misbehave in its own way.
 *
 * <p>Paths without a behaviour answer 404. Connections are kept open between requests unless a behaviour closes them.
 */
public final class MisbehavingOrigin implements AutoCloseable {
    /** What a path does with a request; returns whether the connection may be kept. */
    @FunctionalInterface
    public interface Behaviour {
        boolean answer(Request request, Socket socket, OutputStream out) throws IOException;
    }

    /** A request as it came: names of header fields in lower case. */
    public record Request(String line, String target, Map<String, String> headers, String body) {
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }

    private final ServerSocket listener;
    private final String host;
    private final Thread acceptor;
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();

    private MisbehavingOrigin(ServerSocket listener) {
        this.listener = listener;
        this.host = listener.getInetAddress().getHostAddress();
        this.acceptor = Thread.ofVirtual().unstarted(this::acceptAll);
    }

    public static MisbehavingOrigin start() {
        return startAt("127.0.0.1");
    }

    /** Listens at an address of this machine, written in digits. */
    public static MisbehavingOrigin startAt(String address) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getByName(address), 0), 256);
            return start(listener);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public static MisbehavingOrigin start(ServerSocket listener) {
        MisbehavingOrigin origin = new MisbehavingOrigin(listener);
        origin.acceptor.start();
        return origin;
    }

    public MisbehavingOrigin on(String path, Behaviour behaviour) {
        behaviours.put(path, behaviour);
        return this;
    }

    public String url(String path) {
        return "http://" + host + ":" + port() + path;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections were made. */
    public int connections() {
        return connections.get();
    }

    /** How many connections are open. */
    public int openConnections() {
        return open.size();
    }

    /** Every request so far, in its order. */
    public List<Request> requests() {
        return requests;
    }

    /** The most requests, of whatever kind, that came within any time of that length. */
    public int mostWithin(Duration time) {
        List<Long> sorted = arrivals.stream().sorted().toList();
        int most = 0;
        int first = 0;
        for (int last = 0; last < sorted.size(); last++) {
            while (sorted.get(last) - sorted.get(first) >= time.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    public List<Request> requestsFor(String path) {
        return requests.stream()
                .filter(request -> request.target().equals(path))
                .toList();
    }

    /** Closes every connection from this side, as a site does with idle ones. */
    public void closeConnections() {
        for (Socket socket : open) {
            close(socket);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            // Until it has noticed, the port still takes connections.
            acceptor.join();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        closeConnections();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            boolean keep = true;
            while (keep) {
                Request request = read(in);
                if (request == null) {
                    return;
                }
                arrivals.add(System.nanoTime());
                requests.add(request);
                String path = request.target().replaceFirst("\\?.*", "");
                keep = behaviours.getOrDefault(path, Behaviours.status(404)).answer(request, socket, out);
                out.flush();
            }
        } catch (IOException gone) {
            // The client went away, which is its right.
        } finally {
            open.remove(socket);
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String field = line(in); field != null && !field.isEmpty(); field = line(in)) {
            int colon = field.indexOf(':');
            if (colon < 0) {
                // Not HTTP, such as the beginning of a TLS handshake.
                return null;
            }
            headers.put(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new Request(line, line.split(" ", -1)[1], headers, body);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int octet = in.read();
        while (octet >= 0 && octet != '\n') {
            line.append((char) octet);
            octet = in.read();
        }
        return octet < 0 ? null : line.toString().strip();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
