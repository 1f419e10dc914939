package io.bactrian.flow;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A sender of AMQP 1.0 that writes every byte itself, and so what no library would. */
final class RawAmqp implements Closeable {
    /** What became of a message that was sent. */
    enum Outcome {
        ACCEPTED,
        REJECTED,
        /** The broker has ended the link, the session or the connection. */
        ENDED,
        /** It keeps the sender waiting. */
        SILENT
    }

    private static final int DISPOSITION = 0x15;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    /** Signs in as {@code producer}, and opens a link to an address. */
    RawAmqp(int port, String address) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(5_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write(new byte[] {'A', 'M', 'Q', 'P', 3, 1, 0, 0});
        in.readNBytes(8);
        skipFrame();
        frame(
                1,
                described(
                        0x41,
                        list(symbol("PLAIN"), binary("\0producer\0producer".getBytes(StandardCharsets.US_ASCII)))));
        skipFrame();
        out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0});
        in.readNBytes(8);
        frame(0, described(0x10, list(string("raw-" + socket.getLocalPort()))));
        frame(0, described(0x11, list(nothing(), uint(0), uint(2048), uint(2048))));
        frame(
                0,
                described(
                        0x12,
                        list(
                                string("link"),
                                uint(0),
                                new byte[] {0x42},
                                nothing(),
                                nothing(),
                                described(0x28, list()),
                                described(0x29, list(string(address))),
                                nothing(),
                                nothing(),
                                uint(0))));
    }

    /** Sends the sections of a message. */
    Outcome send(byte[] message) throws IOException {
        try {
            return sent(message);
        } catch (SocketTimeoutException nothing) {
            return Outcome.SILENT;
        }
    }

    /** Resets the connection within a frame. */
    void breakOff() throws IOException {
        out.write(ByteBuffer.allocate(12)
                .putInt(100_000)
                .put((byte) 2)
                .put((byte) 0)
                .putShort((short) 0)
                .array());
        out.flush();
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private Outcome sent(byte[] message) throws IOException {
        frame(
                0,
                join(
                        described(
                                0x14,
                                list(uint(0), uint(0), binary(new byte[] {1}), uint(0), new byte[] {0x42}, new byte[] {
                                    0x42
                                })),
                        message));
        while (true) {
            int size = in.read() < 0 ? -1 : (in.readUnsignedByte() << 16) | in.readUnsignedShort();
            if (size < 0) {
                return Outcome.ENDED;
            }
            byte[] frame = in.readNBytes(size - 4);
            if (frame.length < 7) {
                continue;
            }
            switch (frame[6]) {
                case DISPOSITION -> {
                    return new String(frame, StandardCharsets.ISO_8859_1).contains("\0S$")
                            ? Outcome.ACCEPTED
                            : Outcome.REJECTED;
                }
                case 0x16, 0x17, 0x18 -> {
                    return Outcome.ENDED;
                }
                default -> {}
            }
        }
    }

    private void skipFrame() throws IOException {
        in.readNBytes(in.readInt() - 4);
    }

    private void frame(int type, byte[] body) throws IOException {
        out.write(ByteBuffer.allocate(8 + body.length)
                .putInt(8 + body.length)
                .put((byte) 2)
                .put((byte) type)
                .putShort((short) 0)
                .put(body)
                .array());
        out.flush();
    }

    static byte[] described(int descriptor, byte[] value) {
        return join(new byte[] {0, 0x53, (byte) descriptor}, value);
    }

    static byte[] nothing() {
        return new byte[] {0x40};
    }

    static byte[] uint(int value) {
        return fixed(0x70, ByteBuffer.allocate(4).putInt(value).array());
    }

    static byte[] string(String text) {
        return variable(0xb1, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] symbol(String text) {
        return variable(0xb3, text.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] binary(byte[] bytes) {
        return variable(0xb0, bytes);
    }

    static byte[] list(byte[]... items) {
        return compound(0xd0, items);
    }

    /** Keys and values in turn. */
    static byte[] map(byte[]... items) {
        return compound(0xd1, items);
    }

    private static byte[] compound(int code, byte[]... items) {
        byte[] all = join(items);
        return join(
                new byte[] {(byte) code},
                ByteBuffer.allocate(8)
                        .putInt(all.length + 4)
                        .putInt(items.length)
                        .array(),
                all);
    }

    static byte[] fixed(int code, byte... value) {
        return join(new byte[] {(byte) code}, value);
    }

    static byte[] variable(int code, byte[] value) {
        return join(
                new byte[] {(byte) code},
                ByteBuffer.allocate(4).putInt(value.length).array(),
                value);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
