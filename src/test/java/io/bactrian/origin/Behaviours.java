package io.bactrian.origin;

import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** The behaviours of a {@link MisbehavingOrigin}, by their names. */
public final class Behaviours {
    private Behaviours() {}

    /** A well-behaved page. */
    public static Behaviour page(String html) {
        return body("text/html; charset=utf-8", utf8(html));
    }

    public static Behaviour body(String contentType, byte[] body, String... moreHeaders) {
        return answer("200 OK", body, headers("Content-Type: " + contentType, moreHeaders));
    }

    public static Behaviour untyped(String body) {
        return answer("200 OK", utf8(body));
    }

    public static Behaviour status(int status, String... headers) {
        return answer(status + " Whatever", utf8("<h1>" + status + "</h1>"), headers);
    }

    public static Behaviour redirect(int status, String location) {
        return status(status, "Location: " + location);
    }

    /** A complete answer, byte for byte. */
    public static Behaviour raw(String answer) {
        return (request, socket, out) -> {
            out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
            return false;
        };
    }

    public static Behaviour answer(String statusLine, byte[] body, String... headers) {
        return (request, socket, out) -> {
            head(out, statusLine, headers);
            out.write(utf8("Content-Length: " + body.length + "\r\n\r\n"));
            out.write(body);
            return true;
        };
    }

    public static Behaviour chunked(String html) {
        return (request, socket, out) -> {
            head(out, "200 OK", "Content-Type: text/html", "Transfer-Encoding: chunked");
            out.write(utf8("\r\n" + Integer.toHexString(utf8(html).length) + "\r\n" + html + "\r\n0\r\n\r\n"));
            return true;
        };
    }

    /** One byte each 20 ms, for ever. */
    public static Behaviour slowDrip() {
        return (request, socket, out) -> {
            head(out, "200 OK", "Content-Type: text/html");
            out.write(utf8("\r\n"));
            return dripForEver(out);
        };
    }

    /** A redirect whose body never ends. */
    public static Behaviour redirectWithSlowBody(String location) {
        return (request, socket, out) -> {
            head(out, "302 Found", "Location: " + location);
            out.write(utf8("\r\n"));
            return dripForEver(out);
        };
    }

    /** A header line that is one byte longer each 20 ms, for ever. */
    public static Behaviour slowHeader() {
        return (request, socket, out) -> {
            out.write(utf8("HTTP/1.1 200 OK\r\nX-Slow: "));
            return dripForEver(out);
        };
    }

    /** Takes the request and never answers. */
    public static Behaviour silence() {
        return (request, socket, out) -> {
            awaitQuietly(new CountDownLatch(1));
            return false;
        };
    }

    public static Behaviour endlessBody() {
        return (request, socket, out) -> {
            head(out, "200 OK", "Content-Type: text/html");
            out.write(utf8("\r\n"));
            byte[] block = new byte[64 * 1024];
            while (!socket.isClosed()) {
                out.write(block);
            }
            return false;
        };
    }

    public static Behaviour endlessHeaderLine() {
        return (request, socket, out) -> {
            out.write(utf8("HTTP/1.1 200 OK\r\nX-Long: "));
            byte[] block = utf8("x".repeat(8192));
            while (!socket.isClosed()) {
                out.write(block);
            }
            return false;
        };
    }

    public static Behaviour headerFlood() {
        return (request, socket, out) -> {
            out.write(utf8("HTTP/1.1 200 OK\r\n"));
            for (int number = 0; !socket.isClosed(); number++) {
                out.write(utf8("X-Flood-" + number + ": water\r\n"));
            }
            return false;
        };
    }

    /** Promises more bytes than it sends, then closes. */
    public static Behaviour truncated() {
        return raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>only this");
    }

    /** Sends half a page, then a TCP reset. */
    public static Behaviour resetMidBody() {
        return (request, socket, out) -> {
            out.write(utf8("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>half"));
            out.flush();
            socket.setSoLinger(true, 0);
            return false;
        };
    }

    /** Closes the connection instead of answering. */
    public static Behaviour hangUp() {
        return (request, socket, out) -> false;
    }

    /** A few kilobytes that decompress to as many megabytes as are asked for. */
    public static Behaviour gzipBomb(int megabytes) {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1024 * 1024];
            for (int count = 0; count < megabytes; count++) {
                gzip.write(zeros);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return body("text/html", bomb.toByteArray(), "Content-Encoding: gzip");
    }

    public static byte[] gzip(byte[] bytes) {
        return compressed(bytes, GZIPOutputStream::new);
    }

    public static byte[] zlib(byte[] bytes) {
        return compressed(bytes, DeflaterOutputStream::new);
    }

    public static byte[] rawDeflate(byte[] bytes) {
        return compressed(bytes, out -> new DeflaterOutputStream(out, new Deflater(9, true)));
    }

    /** A Brotli stream (RFC 7932) of one stored block. */
    public static byte[] brotli(byte[] bytes) {
        int header = ((bytes.length - 1) << 4) | (1 << 20);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(header);
        out.write(header >> 8);
        out.write(header >> 16);
        out.writeBytes(bytes);
        out.write(3);
        return out.toByteArray();
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private interface Compression {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] compressed(byte[] bytes, Compression compression) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = compression.over(out)) {
            compressing.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private static void head(OutputStream out, String statusLine, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + statusLine + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        out.write(utf8(head.toString()));
    }

    private static String[] headers(String first, String... more) {
        String[] all = new String[more.length + 1];
        all[0] = first;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }

    private static boolean dripForEver(OutputStream out) throws IOException {
        while (true) {
            out.write('x');
            out.flush();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean never = latch.await(10, TimeUnit.SECONDS);
            assert !never;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
