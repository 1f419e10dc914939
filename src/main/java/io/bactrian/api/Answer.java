package io.bactrian.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * An HTTP answer before it is written.
 *
 * @param headers in addition to those that every answer has
 * @param cookies the values of {@code Set-Cookie}
 */
public record Answer(int status, Map<String, String> headers, List<String> cookies, Content content) {

    /** An answer without cookies. */
    public Answer(int status, Map<String, String> headers, Content content) {
        this(status, headers, List.of(), content);
    }

    /** The body of an answer. */
    public sealed interface Content {}

    /** A value that is written as JSON. */
    public record Json(Object value) implements Content {}

    /** Bytes that are written while they are made. */
    public record Stream(String mediaType, Writer writer) implements Content {}

    /** Writes a stream; an {@link IOException} of the output means that the reader has gone. */
    @FunctionalInterface
    public interface Writer {
        void writeTo(OutputStream output) throws IOException;
    }

    static Answer ok(Object value) {
        return new Answer(200, Map.of(), new Json(value));
    }

    /** The same answer with these values of {@code Set-Cookie}. */
    Answer with(List<String> setCookies) {
        return new Answer(status, headers, setCookies, content);
    }

    static Answer created(Object value) {
        return new Answer(201, Map.of(), new Json(value));
    }
}
