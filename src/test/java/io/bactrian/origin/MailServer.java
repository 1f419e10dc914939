package io.bactrian.origin;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A real mail server on a loopback port, over bare sockets, that refuses what it is told to refuse. */
public final class MailServer implements AutoCloseable {
    /** A letter as it came. */
    public record Received(String recipient, String content, boolean encrypted) {}

    private final ServerSocket listener;
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final Thread acceptor = Thread.ofVirtual().unstarted(this::acceptAll);
    private final @Nullable SSLContext tls;
    private volatile boolean silent;

    private MailServer(int port, @Nullable SSLContext tls) {
        this.listener = listen(port);
        this.tls = tls;
    }

    /** A process that this JVM is starting has the port of a server that was closed, until it runs. */
    private static ServerSocket listen(int port) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .ignoreExceptionsInstanceOf(BindException.class)
                .until(() -> new ServerSocket(port, 64, InetAddress.getLoopbackAddress()), ServerSocket::isBound);
    }

    /** Starts at a port, or at any where it is 0. */
    public static MailServer start(int port) {
        return new MailServer(port, null).begun();
    }

    /** Starts with STARTTLS, without which it takes no letter. */
    public static MailServer startEncrypted(SSLContext tls) {
        return new MailServer(0, tls).begun();
    }

    private MailServer begun() {
        acceptor.start();
        return this;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Answers commands that begin so (in upper case; {@code .} is the end of a letter) with a line of its own. */
    public MailServer answering(String command, String answer) {
        answers.put(command, answer);
        return this;
    }

    /** Answers as usual again. */
    public void recover() {
        answers.clear();
        silent = false;
    }

    /** Takes connections from now on, and says nothing. */
    public void hang() {
        silent = true;
    }

    public List<Received> received() {
        return received;
    }

    /** Every line that clients have sent, apart from letters. */
    public List<String> commands() {
        return commands;
    }

    public int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
            // Until it has noticed, the port still takes connections.
            acceptor.join();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                if (!silent) {
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            say(socket, "220 mail.example ready");
            converse(socket, socket, false);
        } catch (IOException gone) {
            // The client went away, which is its right.
        } finally {
            open.remove(socket);
        }
    }

    private void converse(Socket connection, Socket socket, boolean encrypted) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        String recipient = "";
        for (String line = line(in); line != null; line = line(in)) {
            commands.add(line);
            String command = line.toUpperCase(Locale.ROOT);
            String refusal = refusal(command);
            if (refusal != null) {
                say(socket, refusal);
            } else if (command.startsWith("EHLO")) {
                say(socket, "250-mail.example");
                if (tls != null && !encrypted) {
                    say(socket, "250-STARTTLS");
                }
                say(socket, "250 AUTH PLAIN");
            } else if (command.equals("STARTTLS") && tls != null) {
                say(socket, "220 go ahead");
                SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(connection, null, true);
                secured.setUseClientMode(false);
                converse(connection, secured, true);
                return;
            } else if (tls != null && !encrypted) {
                say(socket, "530 Must issue a STARTTLS command first");
            } else if (command.startsWith("AUTH")) {
                say(socket, "235 welcome");
            } else if (command.startsWith("RCPT")) {
                recipient = line.substring(line.indexOf('<') + 1, line.lastIndexOf('>'));
                say(socket, "250 ok");
            } else if (command.equals("DATA")) {
                say(socket, "354 go on");
                Received letter = new Received(recipient, content(in), encrypted);
                String end = refusal(".");
                if (end == null) {
                    received.add(letter);
                }
                say(socket, end == null ? "250 taken" : end);
            } else if (command.equals("QUIT")) {
                say(socket, "221 bye");
                return;
            } else {
                say(socket, "250 ok");
            }
        }
    }

    private @Nullable String refusal(String command) {
        return answers.entrySet().stream()
                .filter(answer -> command.startsWith(answer.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static String content(InputStream in) throws IOException {
        StringBuilder content = new StringBuilder();
        for (String line = line(in); line != null && !line.equals("."); line = line(in)) {
            content.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
        }
        return content.toString();
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int octet = in.read();
        while (octet >= 0 && octet != '\n') {
            line.append((char) octet);
            octet = in.read();
        }
        return octet < 0 ? null : line.toString().replaceFirst("\r$", "");
    }

    private static void say(Socket socket, String line) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
