import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;

/**
 * Messages from CORE, AMQP 1.0 and STOMP producers at once, some of them broken: how many become tasks, how many are answered,
 * how many twice, and how many a second.
 *
 * <p>Each task's one page is at another address that the service refuses, so no pace of a host holds it and it ends at once; they are admitted and ended while
 * others come in, as in life. Two clocks run: until the last message is answered, and until the last task has ended. Traffic
 * goes to loopback only.
 */
public final class QueueBenchmark {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final String INBOX = "bactrian.tasks.inbox";

    public static void main(String[] arguments) throws Exception {
        Map<String, Integer> options = new HashMap<>(Map.of("messages", 20_000, "broken", 60, "accounts", 1, "consumers", 16));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (options.replace(name, Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        Path work = Path.of("target", "bench-queue");
        deleteRecursively(work);
        Files.createDirectories(work);
        try (Node node = new Node(work, options.get("consumers"))) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < options.get("accounts"); i++) {
                keys.add(node.signUp("bench" + i + "@example.com"));
            }
            int messages = options.get("messages");
            int each = messages / 3;
            Tally tally = new Tally(messages, options.get("broken"), keys);
            List<Producer> producers = List.of(
                    new JmsProducer(new ActiveMQConnectionFactory("tcp://127.0.0.1:" + node.brokerPort), "core", tally, 0, each),
                    new JmsProducer(
                            new JmsConnectionFactory("amqp://127.0.0.1:" + node.brokerPort), "amqp", tally, each, 2 * each),
                    new StompProducer(node.brokerPort, tally, 2 * each, messages));
            long began = System.nanoTime();
            List<Thread> threads = new ArrayList<>();
            for (Producer producer : producers) {
                threads.add(Thread.ofPlatform().start(() -> run(producer::sendAll)));
                threads.add(Thread.ofPlatform().start(() -> run(producer::receiveAll)));
            }
            int before = 0;
            long report = began;
            while (tally.answers.get() < messages && System.nanoTime() - began < Duration.ofMinutes(30).toNanos()) {
                Thread.sleep(200);
                if (System.nanoTime() - report > 10e9) {
                    int now = tally.answers.get();
                    System.out.printf("  %6d sent, %6d answered, %5.0f a second, %s%n", tally.sent.get(), now,
                            (now - before) / ((System.nanoTime() - report) / 1e9), node.memory());
                    before = now;
                    report = System.nanoTime();
                }
            }
            double answered = (System.nanoTime() - began) / 1e9;
            System.out.printf("%d messages over CORE, AMQP and STOMP at once, %d of them broken: %d sent in %.1f s%n", messages,
                    options.get("broken"), tally.sent.get(), tally.sentAt.get() / 1e9 - began / 1e9);
            System.out.printf("%d answered in %.1f s: %.0f a second; statuses %s; answered twice %d; task ids twice %d%n",
                    tally.answers.get(), answered, tally.answers.get() / answered, tally.statuses, tally.repeated.get(),
                    tally.sameTask.get());
            long tasks = 0;
            for (String key : keys) {
                tasks += node.total("/tasks?page_size=1", key);
            }
            System.out.printf("%d tasks for %d messages that asked for one%n", tasks, messages - options.get("broken"));
            for (String key : keys) {
                while (node.total("/tasks?page_size=1&status=pending,running", key) > 0) {
                    Thread.sleep(1_000);
                }
            }
            System.out.printf("the last task ended after %.1f s; %s%n", (System.nanoTime() - began) / 1e9, node.memory());
        }
    }

    interface Step {
        void run() throws Exception;
    }

    static void run(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    /** What is sent and what came back. */
    static final class Tally {
        final int messages;
        final List<String> keys;
        final AtomicInteger sent = new AtomicInteger();
        final AtomicLong sentAt = new AtomicLong();
        final AtomicInteger answers = new AtomicInteger();
        final AtomicInteger repeated = new AtomicInteger();
        final AtomicInteger sameTask = new AtomicInteger();
        final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
        final Set<String> seen = ConcurrentHashMap.newKeySet();
        final Set<String> tasks = ConcurrentHashMap.newKeySet();
        final Set<Integer> broken = new HashSet<>();

        Tally(int messages, int broken, List<String> keys) {
            this.messages = messages;
            this.keys = keys;
            for (int i = 0; i < broken; i++) {
                this.broken.add((int) ((long) i * messages / broken));
            }
        }

        String body(int number) {
            return broken.contains(number)
                    ? "{\"name\": \"order " + number
                    : "{\"name\": \"order " + number + "\", \"task_type\": \"simple_scraping\", \"config\": {\"urls\": [\"http://10."
                            + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255) + "/\"],"
                            + " \"selectors\": {\"title\": \"h1\"}, \"retry_attempts\": 0}}";
        }

        String key(int number) {
            return keys.get(number % keys.size());
        }

        void sent() {
            if (sent.incrementAndGet() == messages) {
                sentAt.set(System.nanoTime());
            }
        }

        void answered(String correlationId, int status, String body) throws IOException {
            statuses.computeIfAbsent(status, any -> new AtomicInteger()).incrementAndGet();
            if (status == 201 && !tasks.add(JSON.readTree(body).path("id").asText())) {
                sameTask.incrementAndGet();
            }
            if (seen.add(correlationId)) {
                answers.incrementAndGet();
            } else {
                repeated.incrementAndGet();
            }
        }
    }

    interface Producer {
        void sendAll() throws Exception;

        void receiveAll() throws Exception;
    }

    /** CORE or AMQP by JMS: commits each hundred messages. */
    static final class JmsProducer implements Producer {
        private final Connection connection;
        private final Session receiving;
        private final Queue replies;
        private final MessageConsumer consumer;
        private final Tally tally;
        private final int from;
        private final int to;
        private final String name;

        JmsProducer(ConnectionFactory factory, String name, Tally tally, int from, int to) throws Exception {
            connection = factory.createConnection("producer", "producer");
            connection.start();
            receiving = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            replies = receiving.createTemporaryQueue();
            consumer = receiving.createConsumer(replies);
            this.name = name;
            this.tally = tally;
            this.from = from;
            this.to = to;
        }

        @Override
        public void sendAll() throws Exception {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue(INBOX));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            for (int i = from; i < to; i++) {
                TextMessage message = session.createTextMessage(tally.body(i));
                message.setStringProperty("api_key", tally.key(i));
                message.setJMSReplyTo(replies);
                message.setJMSCorrelationID(name + "-" + i);
                producer.send(message);
                tally.sent();
                if (i % 100 == 0 || i + 1 == to) {
                    session.commit();
                }
            }
        }

        @Override
        public void receiveAll() throws Exception {
            for (int left = to - from; left > 0; left--) {
                Message message = consumer.receive(Duration.ofMinutes(10).toMillis());
                if (message == null) {
                    throw new IllegalStateException(left + " answers over " + name + " are missing");
                }
                tally.answered(message.getJMSCorrelationID(), message.getIntProperty("status"), message.getBody(String.class));
            }
        }
    }

    /** STOMP 1.2 over a socket: texts, without receipts. */
    static final class StompProducer implements Producer {
        private final InputStream in;
        private final OutputStream out;
        private final Tally tally;
        private final int from;
        private final int to;

        StompProducer(int port, Tally tally, int from, int to) throws IOException {
            Socket socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            this.tally = tally;
            this.from = from;
            this.to = to;
            write("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:producer\npasscode:producer\n\n");
            write("SUBSCRIBE\nid:answers\ndestination:bactrian.replies.bench\nack:auto\n\n");
            out.flush();
        }

        @Override
        public void sendAll() throws IOException {
            for (int i = from; i < to; i++) {
                write("SEND\ndestination:" + INBOX + "\npersistent:true\nreply-to:bactrian.replies.bench\ncorrelation-id:stomp-" + i
                        + "\napi_key:" + tally.key(i) + "\n\n" + tally.body(i));
                tally.sent();
            }
            out.flush();
        }

        private void write(String frame) throws IOException {
            out.write(frame.getBytes(StandardCharsets.UTF_8));
            out.write(0);
        }

        @Override
        public void receiveAll() throws IOException {
            int left = to - from;
            while (left > 0) {
                Map<String, String> headers = new LinkedHashMap<>();
                String command = line();
                if (command.isEmpty()) {
                    continue;
                }
                for (String line = line(); !line.isEmpty(); line = line()) {
                    headers.putIfAbsent(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1));
                }
                String body;
                if (headers.containsKey("content-length")) {
                    body = new String(in.readNBytes(Integer.parseInt(headers.get("content-length"))), StandardCharsets.UTF_8);
                    in.read();
                } else {
                    body = until(0);
                }
                if (command.equals("ERROR")) {
                    throw new IOException(headers + body);
                }
                if (command.equals("MESSAGE")) {
                    tally.answered(headers.get("correlation-id"), Integer.parseInt(headers.get("status")), body);
                    left--;
                }
            }
        }

        private String line() throws IOException {
            return until('\n').stripTrailing();
        }

        private String until(int end) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int next = in.read(); next != end; next = in.read()) {
                if (next < 0) {
                    throw new IOException("The broker has closed the connection");
                }
                bytes.write(next);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    /** The service in a process of its own. */
    static final class Node implements AutoCloseable {
        final int brokerPort;
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final URI base;
        private final Process process;
        private final Path data;

        Node(Path work, int consumers) throws Exception {
            brokerPort = freePort();
            int port = freePort();
            base = URI.create("http://127.0.0.1:" + port);
            data = work.resolve("data");
            ProcessBuilder builder = new ProcessBuilder(JAVA, "-Xmx1g", "-XX:+IgnoreUnrecognizedVMOptions",
                    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                    "-cp", System.getProperty("java.class.path"), "io.bactrian.Bactrian", "up")
                    .redirectErrorStream(true).redirectOutput(work.resolve("service.log").toFile());
            builder.environment().putAll(Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + freePort(), "BACTRIAN_BROKER_PORT", "" + brokerPort,
                    "BACTRIAN_DATA_DIRECTORY", data.toString(),
                    "BACTRIAN_RATELIMIT_ENABLED", "false",
                    "BACTRIAN_BROKER_USERS",
                    Files.writeString(work.resolve("users.properties"), "producer=producer\n").toString(),
                    "BACTRIAN_INTAKE_CONSUMERS", "" + consumers,
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "1000"));
            process = builder.start();
            long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (true) {
                try {
                    if (send("GET", "/docs", null, "").statusCode() == 200) {
                        break;
                    }
                } catch (IOException notYet) {
                    if (System.nanoTime() > end) {
                        throw notYet;
                    }
                }
                Thread.sleep(500);
            }
        }

        String signUp(String email) throws Exception {
            ObjectNode account = JSON.createObjectNode().put("email", email).put("password", "a long password");
            String token = json(send("POST", "/auth/register", account.toString(), "")).path("token").asText();
            return json(send("POST", "/api-keys", "{\"name\": \"bench\"}", token)).path("api_key").asText();
        }

        long total(String path, String key) throws Exception {
            return Long.parseLong(send("GET", path, null, key).headers().firstValue("X-Total-Count").orElse("-1"));
        }

        /** Resident memory of the service, and what the broker keeps on the disk. */
        String memory() throws IOException {
            long resident = 0;
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            if (Files.exists(status)) {
                for (String line : Files.readAllLines(status)) {
                    if (line.startsWith("VmRSS:")) {
                        resident = Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
                    }
                }
            }
            long paged = 0;
            Path paging = data.resolve("artemis").resolve("paging");
            if (Files.exists(paging)) {
                try (Stream<Path> files = Files.walk(paging)) {
                    paged = files.mapToLong(file -> file.toFile().length()).sum() >> 20;
                }
            }
            return "resident " + resident + " MB, paged " + paged + " MB";
        }

        private HttpResponse<byte[]> send(String method, String path, String body, String credential) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(1));
            if (!credential.isEmpty()) {
                request.header("Authorization", "Bearer " + credential);
            }
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }

        private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
            return JSON.readTree(response.body());
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor();
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static void deleteRecursively(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
