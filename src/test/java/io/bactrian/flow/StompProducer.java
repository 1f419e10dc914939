package io.bactrian.flow;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A producer by STOMP 1.2, whose answers come to a named queue. Bytes are sent with their length, texts without. */
final class StompProducer implements QueueProducer {
    private static final int PATIENCE = 30_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String replies = "bactrian.replies.stomp-" + UUID.randomUUID();
    private final Map<String, Queue<Received>> waiting = new HashMap<>();
    private int subscriptions;
    private int receipts;

    /** The broker's refusal of a frame. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    private StompProducer(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    static StompProducer open(int port) {
        return open(port, "producer", "producer");
    }

    static StompProducer open(int port, String user, String password) {
        try {
            StompProducer client = new StompProducer(new Socket(InetAddress.getLoopbackAddress(), port));
            client.socket.setSoTimeout(PATIENCE);
            client.frame(
                    "CONNECT",
                    Map.of("accept-version", "1.2", "host", "localhost", "login", user, "passcode", password),
                    new byte[0],
                    false);
            client.await("CONNECTED", "", "");
            client.listen(client.replies, null, "answers");
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void send(String address, Letter letter) {
        Map<String, String> headers = new LinkedHashMap<>();
        letter.properties().forEach((name, value) -> headers.put(name, value.toString()));
        headers.put("destination", address);
        headers.put("persistent", "true");
        String replyTo = letter.replyTo();
        if (replyTo == null) {
            headers.put("reply-to", replies);
        } else if (!replyTo.isEmpty()) {
            headers.put("reply-to", replyTo);
        }
        if (letter.correlationId() != null) {
            headers.put("correlation-id", letter.correlationId());
        }
        if (letter.body() instanceof byte[] bytes) {
            confirmed("SEND", headers, bytes, true);
        } else {
            confirmed("SEND", headers, ((String) letter.body()).getBytes(StandardCharsets.UTF_8), false);
        }
    }

    /** Sends a frame and waits until the broker has done what it says. */
    private void confirmed(String command, Map<String, String> headers, byte[] body, boolean withLength) {
        String receipt = "r" + ++receipts;
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("receipt", receipt);
        try {
            frame(command, all, body, withLength);
            await("RECEIPT", "receipt-id", receipt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen(String address, @Nullable String selector, String id) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("id", id);
        headers.put("destination", address);
        headers.put("ack", "auto");
        if (selector != null) {
            headers.put("selector", selector);
        }
        waiting.put(id, new ArrayDeque<>());
        confirmed("SUBSCRIBE", headers, new byte[0], false);
    }

    @Override
    public Received answer() {
        Received answer = next("answers", PATIENCE);
        if (answer == null) {
            throw new AssertionError("No answer came.");
        }
        return answer;
    }

    @Override
    public @Nullable Received take(String address, @Nullable String selector, long millis) {
        String id = "s" + ++subscriptions;
        listen(address, selector, id);
        Received message = next(id, (int) millis);
        confirmed("UNSUBSCRIBE", Map.of("id", id), new byte[0], false);
        return message;
    }

    @Override
    public Subscription subscribe(String address, String selector) {
        String id = "s" + ++subscriptions;
        listen(address, selector, id);
        return millis -> next(id, (int) millis);
    }

    private @Nullable Received next(String id, int millis) {
        try {
            socket.setSoTimeout(Math.max(1, millis));
            while (waiting.getOrDefault(id, new ArrayDeque<>()).isEmpty()) {
                read();
            }
            return waiting.getOrDefault(id, new ArrayDeque<>()).poll();
        } catch (SocketTimeoutException none) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            patient();
        }
    }

    private void patient() {
        try {
            socket.setSoTimeout(PATIENCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(String command, String header, String value) throws IOException {
        while (true) {
            Map<String, String> frame = read();
            if (command.equals(frame.get("")) && (header.isEmpty() || value.equals(frame.get(header)))) {
                return;
            }
        }
    }

    /** Reads one frame; its command is the header without a name. Messages wait for who wants them. */
    private Map<String, String> read() throws IOException {
        String command = line();
        while (command.isEmpty()) {
            command = line();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("", command);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.putIfAbsent(unescaped(line.substring(0, colon)), unescaped(line.substring(colon + 1)));
        }
        byte[] body;
        if (headers.containsKey("content-length")) {
            body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
            in.read();
        } else {
            body = until(0);
        }
        String text = new String(body, StandardCharsets.UTF_8);
        if (command.equals("ERROR")) {
            throw new RefusedException(headers.getOrDefault("message", "") + " " + text);
        }
        if (command.equals("MESSAGE")) {
            waiting.computeIfAbsent(headers.getOrDefault("subscription", ""), id -> new ArrayDeque<>())
                    .add(new Received(text, headers, headers.get("correlation-id")));
        }
        return headers;
    }

    private String line() throws IOException {
        return new String(until('\n'), StandardCharsets.UTF_8).stripTrailing();
    }

    private byte[] until(int end) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != end; next = in.read()) {
            if (next < 0) {
                throw new EOFException("The broker has closed the connection.");
            }
            bytes.write(next);
        }
        return bytes.toByteArray();
    }

    private void frame(String command, Map<String, String> headers, byte[] body, boolean withLength)
            throws IOException {
        StringBuilder head = new StringBuilder(command).append('\n');
        boolean plain = command.equals("CONNECT");
        headers.forEach((name, value) -> head.append(plain ? name : escaped(name))
                .append(':')
                .append(plain ? value : escaped(value))
                .append('\n'));
        if (withLength) {
            head.append("content-length:").append(body.length).append('\n');
        }
        head.append('\n');
        out.write(head.toString().getBytes(StandardCharsets.UTF_8));
        out.write(body);
        out.write(0);
        out.flush();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\r", "\\r")
                .replace("\n", "\\n")
                .replace(":", "\\c");
    }

    private static String unescaped(String text) {
        return text.replace("\\c", ":")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\\\", "\\");
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
