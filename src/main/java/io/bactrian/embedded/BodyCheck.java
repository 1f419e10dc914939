package io.bactrian.embedded;

import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.core.buffers.impl.ChannelBufferWrapper;
import org.apache.activemq.artemis.core.message.LargeBodyReader;

/**
 * What a consumer of a message will find: its body is read once, inflated if need be, and no byte of it is kept.
 *
 * @param size of the inflated body in bytes; more than the limit where it was not read to its end
 * @param isText whether it begins with the length of a text that it has whole
 */
record BodyCheck(long size, boolean isText) {
    private static final int CHUNK = 64 * 1024;

    /** A text is a byte that is not 0, its length in bytes, and UTF-16; a missing one is a byte 0. */
    private static final int TEXT_HEAD = 1 + Integer.BYTES;

    /**
     * Reads the body up to a limit.
     *
     * @throws DataFormatException when it cannot be inflated, ends early or goes on
     */
    static BodyCheck of(ICoreMessage message, boolean compressed, long limit)
            throws ActiveMQException, IOException, DataFormatException {
        try (InputStream body = body(message)) {
            ByteBuffer head = ByteBuffer.allocate(TEXT_HEAD);
            long size = compressed ? inflate(body, head, limit) : count(body, head, limit);
            return new BodyCheck(size, isText(head.flip(), size));
        }
    }

    private static boolean isText(ByteBuffer head, long size) {
        if (!head.hasRemaining()) {
            return false;
        }
        if (head.get() == 0) {
            return true;
        }
        if (head.remaining() < Integer.BYTES) {
            return false;
        }
        int length = head.getInt();
        return length >= 0 && length % 2 == 0 && TEXT_HEAD + (long) length <= size;
    }

    private static long count(InputStream body, ByteBuffer head, long limit) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long size = 0;
        for (int read = body.read(chunk); read >= 0 && size <= limit; read = body.read(chunk)) {
            keep(head, chunk, read);
            size += read;
        }
        return size;
    }

    private static long inflate(InputStream body, ByteBuffer head, long limit) throws IOException, DataFormatException {
        Inflater inflater = new Inflater();
        try {
            byte[] in = new byte[CHUNK];
            byte[] out = new byte[CHUNK];
            long size = 0;
            while (!inflater.finished()) {
                if (inflater.needsDictionary()) {
                    throw new DataFormatException("It needs a dictionary.");
                }
                if (inflater.needsInput()) {
                    int read = body.read(in);
                    if (read < 0) {
                        throw new DataFormatException("It ends early.");
                    }
                    inflater.setInput(in, 0, read);
                }
                int inflated = inflater.inflate(out);
                keep(head, out, inflated);
                size += inflated;
                if (size > limit) {
                    return size;
                }
            }
            if (inflater.getRemaining() > 0 || body.read() >= 0) {
                throw new DataFormatException("It goes on.");
            }
            return size;
        } finally {
            inflater.end();
        }
    }

    private static void keep(ByteBuffer head, byte[] bytes, int length) {
        head.put(bytes, 0, Math.min(head.remaining(), length));
    }

    private static InputStream body(ICoreMessage message) throws ActiveMQException {
        if (!message.isLargeMessage()) {
            return new ByteBufInputStream(((ChannelBufferWrapper) message.getReadOnlyBodyBuffer()).byteBuf());
        }
        LargeBodyReader reader = message.getLargeBodyReader();
        reader.open();
        return new LargeBody(reader);
    }

    /** The file of a large message. */
    private static final class LargeBody extends InputStream {
        private final LargeBodyReader reader;

        LargeBody(LargeBodyReader reader) {
            this.reader = reader;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = reader.position() >= reader.getSize()
                        ? 0
                        : reader.readInto(ByteBuffer.wrap(bytes, offset, length));
                return read <= 0 ? -1 : read;
            } catch (ActiveMQException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                reader.close();
            } catch (ActiveMQException e) {
                throw new IOException(e);
            }
        }
    }
}
