package io.bactrian.flow;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** HTTP over a bare socket, for requests that no HTTP client would send. */
final class RawHttp {
    private static final int TIMEOUT_MILLISECONDS = 30_000;

    private RawHttp() {}

    /** Sends a request that has the lines of its head and no body. */
    static Reply send(Service service, String... head) {
        return send(service, String.join("\r\n", head) + "\r\n\r\n", new byte[0], 0);
    }

    /** Sends a head and then the same bytes again and again. */
    static Reply send(Service service, String head, byte[] block, int times) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setSoTimeout(TIMEOUT_MILLISECONDS);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < times; i++) {
                out.write(block);
            }
            out.flush();
            return read(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reply read(InputStream in) throws IOException {
        String statusLine = line(in);
        if (statusLine.isEmpty()) {
            throw new IOException("The connection was closed without an answer.");
        }
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String[] parts = field.split(": ?", 2);
            headers.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(parts[1]);
        }
        int length = Integer.parseInt(
                headers.getOrDefault("Content-Length", List.of("0")).getFirst());
        return new Reply(Integer.parseInt(statusLine.split(" ", 3)[1]), headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
            line.write(octet);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }
}
