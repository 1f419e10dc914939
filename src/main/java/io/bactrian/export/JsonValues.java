package io.bactrian.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;

/** JSON values one a line, bare or within an array. */
final class JsonValues implements Closeable {
    private static final JsonFactory ARRAY =
            new JsonFactoryBuilder().rootValueSeparator(",\n").build();
    private static final JsonFactory LINES =
            new JsonFactoryBuilder().rootValueSeparator("\n").build();

    private final boolean array;
    private final JsonGenerator generator;
    private boolean empty = true;

    private JsonValues(OutputStream out, boolean array) throws IOException {
        this.array = array;
        // Jackson's own UTF-8 encoder fails on an unpaired surrogate; this one writes a question mark and goes on.
        this.generator = (array ? ARRAY : LINES).createGenerator(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    static JsonValues array(OutputStream out) throws IOException {
        return new JsonValues(out, true);
    }

    static JsonValues lines(OutputStream out) throws IOException {
        return new JsonValues(out, false);
    }

    /** The generator, of which exactly one value is wanted now. */
    JsonGenerator next() throws IOException {
        if (empty && array) {
            generator.writeRaw("[\n");
        }
        empty = false;
        return generator;
    }

    @Override
    public void close() throws IOException {
        if (array) {
            generator.writeRaw(empty ? "[]\n" : "\n]\n");
        } else if (!empty) {
            generator.writeRaw('\n');
        }
        generator.close();
    }
}
