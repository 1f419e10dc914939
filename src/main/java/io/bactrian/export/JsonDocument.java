package io.bactrian.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Rows as JSON objects, one a line, bare or within an array. */
final class JsonDocument implements RowDocument {
    private static final JsonFactory ARRAY =
            new JsonFactoryBuilder().rootValueSeparator(",\n").build();
    private static final JsonFactory LINES =
            new JsonFactoryBuilder().rootValueSeparator("\n").build();

    private final boolean includeMetadata;
    private final boolean array;
    private final JsonGenerator generator;
    private boolean empty = true;

    private JsonDocument(ExportLayout layout, OutputStream out, boolean array) throws IOException {
        this.includeMetadata = layout.includesMetadata();
        this.array = array;
        // Jackson's own UTF-8 encoder fails on an unpaired surrogate; this one writes a question mark and goes on.
        this.generator = (array ? ARRAY : LINES).createGenerator(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    static JsonDocument array(ExportLayout layout, OutputStream out) throws IOException {
        return new JsonDocument(layout, out, true);
    }

    static JsonDocument lines(ExportLayout layout, OutputStream out) throws IOException {
        return new JsonDocument(layout, out, false);
    }

    @Override
    public void write(ExportRow row) throws IOException {
        if (empty && array) {
            generator.writeRaw("[\n");
        }
        empty = false;
        generator.writeStartObject();
        generator.writeStringField("url", row.url());
        writeStored("data", row.data());
        if (row.errorCode() == null) {
            generator.writeNullField("error");
        } else {
            generator.writeObjectFieldStart("error");
            generator.writeStringField("code", row.errorCode());
            generator.writeStringField("message", row.errorMessage());
            generator.writeEndObject();
        }
        if (includeMetadata) {
            writeStored("metadata", row.metadata());
        }
        generator.writeEndObject();
    }

    private void writeStored(String name, @Nullable String json) throws IOException {
        generator.writeFieldName(name);
        if (json == null) {
            generator.writeNull();
        } else {
            // JSON allows line breaks between tokens only, so a space in their place changes nothing but the layout.
            generator.writeRawValue(json.replace('\n', ' ').replace('\r', ' '));
        }
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
