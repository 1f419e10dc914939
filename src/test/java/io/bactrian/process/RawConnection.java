package io.bactrian.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection of a client that does not do what HTTP clients do: it sends half of something, and reads when it likes. */
final class RawConnection implements AutoCloseable {
    private static final int SMALL_BUFFER = 4 << 10;

    private final Socket socket = new Socket();
    private volatile boolean broken;

    /** @param source an address of this machine to come from, {@code 127.x.y.z} */
    RawConnection(URI service, String source) {
        try {
            socket.setReceiveBufferSize(SMALL_BUFFER);
            socket.setSoTimeout(40_000);
            socket.bind(new InetSocketAddress(loopback(source), 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.getPort()), 10_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetAddress loopback(String address) throws IOException {
        byte[] octets = new byte[4];
        String[] parts = address.split("\\.", -1);
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) Integer.parseInt(parts[i]);
        }
        return InetAddress.getByAddress(octets);
    }

    /** Sends some text; what the other side no longer takes is lost. */
    RawConnection send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawConnection send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException closed) {
            broken = true;
        }
        return this;
    }

    /** The first bytes that come, as many as asked for unless the other side ends before; empty where it has ended. */
    String read(int length) {
        try {
            InputStream input = socket.getInputStream();
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            while (read.size() < length) {
                int octet = input.read();
                if (octet < 0) {
                    break;
                }
                read.write(octet);
            }
            return read.toString(StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status of the answer, or 0 where the other side has ended without one. */
    int status() {
        String line = read("HTTP/1.1 200".length());
        return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9)) : 0;
    }

    /** Whether the other side takes nothing any more, as far as has been tried; reads nothing. */
    boolean isBroken() {
        return broken;
    }

    /** Whether the other side has ended the connection; reads what it has sent. */
    boolean isEnded() {
        byte[] some = new byte[SMALL_BUFFER];
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read(some) < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
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
