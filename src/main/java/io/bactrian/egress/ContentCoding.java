package io.bactrian.egress;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/** The content codings of RFC 9110 section 8.4.1 that bodies are decoded from, as streams in constant memory. */
final class ContentCoding {
    /** One page in a hundred thousand is encoded twice; a hundred times is an attack. */
    private static final int MOST_CODINGS = 3;

    private static final int BUFFER = 8192;

    private ContentCoding() {}

    /** Whether the body is sent as it is. */
    static boolean isIdentity(List<String> fields) {
        return fields.isEmpty() || fields.stream().allMatch(String::isBlank);
    }

    /**
     * Reads and decodes a body, and leaves its carrier open.
     *
     * @param fields the values of {@code Content-Encoding}, in their order
     * @param length the encoded length, or a negative number
     * @throws UndecodableException if the coding is not known here or the encoded bytes are not what it says
     * @throws IOException as the carrier throws it
     */
    static Body read(InputStream carrier, List<String> fields, long length, int limit, BodyMemory memory)
            throws IOException {
        Carrier encoded = new Carrier(carrier);
        try (InputStream decoded = decoded(encoded, fields)) {
            return Body.read(decoded, length < 0 ? length : length * 4, limit, memory);
        } catch (IOException | RuntimeException failure) {
            if (encoded.failure != null) {
                throw encoded.failure;
            }
            if (failure instanceof UndecodableException || failure instanceof EOFException) {
                throw failure;
            }
            throw new UndecodableException("the compressed bytes are corrupt", failure);
        }
    }

    private static InputStream decoded(InputStream encoded, List<String> fields) throws IOException {
        String[] codings = String.join(",", fields).toLowerCase(Locale.ROOT).split(",", -1);
        if (codings.length > MOST_CODINGS) {
            throw new UndecodableException("it is encoded " + codings.length + " times over", null);
        }
        InputStream in = encoded;
        for (int index = codings.length - 1; index >= 0; index--) {
            in = decoded(in, codings[index].strip());
        }
        return in;
    }

    private static InputStream decoded(InputStream in, String coding) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> gunzipped(new PushbackInputStream(in, 2));
            case "deflate" -> inflated(new PushbackInputStream(in, 2));
            case "br" -> new BrotliInputStream(in, BUFFER);
            case "zstd", "compress", "x-compress", "dcb", "dcz" ->
                throw new UndecodableException("it is encoded as " + coding + ", which is not understood here", null);
            // Careless servers name a charset or "none" here and send the body as it is.
            default -> in;
        };
    }

    private static InputStream gunzipped(PushbackInputStream in) throws IOException {
        int magic = firstTwo(in);
        boolean compressed = magic == 0x1F8B;
        return compressed ? new GZIPInputStream(in, BUFFER) : in;
    }

    /** RFC 9110 means zlib by {@code deflate}; many servers send the bare format. */
    private static InputStream inflated(PushbackInputStream in) throws IOException {
        int start = firstTwo(in);
        if (start < 0) {
            return in;
        }
        boolean zlib = ((start >> 8) & 0x0F) == 8 && start % 31 == 0;
        return new BareInflaterStream(in, new Inflater(!zlib));
    }

    /** The first two bytes as one number, pushed back; negative where there are fewer. */
    private static int firstTwo(PushbackInputStream in) throws IOException {
        byte[] start = in.readNBytes(2);
        in.unread(start);
        return start.length < 2 ? -1 : ((start[0] & 0xFF) << 8) | (start[1] & 0xFF);
    }

    /** A coding that is not known, or that was used in a way that is not taken. */
    static final class UndecodableException extends IOException {
        private static final long serialVersionUID = 1L;

        UndecodableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Remembers the carrier's own failure, which decoders wrap in theirs, and stays open when they close. */
    private static final class Carrier extends FilterInputStream {
        private @Nullable IOException failure;

        Carrier(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException broken) {
                failure = broken;
                throw broken;
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException broken) {
                failure = broken;
                throw broken;
            }
        }

        @Override
        public void close() {
            // Closing would read the rest of the carrier, however long.
        }
    }

    /** Ends its inflater with the stream, which the superclass does only for inflaters of its own. */
    private static final class BareInflaterStream extends InflaterInputStream {
        BareInflaterStream(InputStream in, Inflater inflater) {
            super(in, inflater, BUFFER);
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                inf.end();
            }
        }
    }
}
