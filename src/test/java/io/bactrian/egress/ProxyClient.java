package io.bactrian.egress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client of a proxy that sends what it is given, byte for byte, over one connection. */
final class ProxyClient implements AutoCloseable {
    private final Socket socket = new Socket();

    ProxyClient(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        socket.setSoTimeout(20_000);
    }

    /** Sends and reads all until the proxy closes the connection. */
    static String ask(int port, String request) throws IOException {
        try (ProxyClient client = new ProxyClient(port)) {
            client.send(request);
            return client.rest();
        }
    }

    /** Asks for a page, on a connection of its own. */
    static String get(int port, String url) throws IOException {
        return ask(port, "GET " + url + " HTTP/1.1\r\nHost: whatever\r\nConnection: close\r\n\r\n");
    }

    static String connect(int port, String authority) throws IOException {
        try (ProxyClient client = new ProxyClient(port)) {
            client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
            return client.head();
        }
    }

    static int status(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Reads up to the empty line, or all that comes. */
    String head() throws IOException {
        return readUntil("\r\n\r\n");
    }

    String readUntil(String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        int octet = in.read();
        while (octet >= 0) {
            read.write(octet);
            if (read.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
                break;
            }
            octet = in.read();
        }
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
