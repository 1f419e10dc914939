package io.bactrian.export;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Rows as JSON objects, one a line, bare or within an array. */
final class JsonDocument implements Document<ExportRow> {
    private final boolean includeMetadata;
    private final boolean checked;
    private final JsonValues values;

    private JsonDocument(ExportLayout layout, JsonValues values) {
        this.includeMetadata = layout.includesMetadata();
        this.checked = layout.checked();
        this.values = values;
    }

    static JsonDocument array(ExportLayout layout, OutputStream out) throws IOException {
        return new JsonDocument(layout, JsonValues.array(out));
    }

    static JsonDocument lines(ExportLayout layout, OutputStream out) throws IOException {
        return new JsonDocument(layout, JsonValues.lines(out));
    }

    @Override
    public void write(ExportRow row) throws IOException {
        JsonGenerator generator = values.next();
        generator.writeStartObject();
        generator.writeStringField("url", row.url());
        if (checked) {
            generator.writeStringField("checked_at", String.valueOf(row.checkedAt()));
        }
        writeStored(generator, "data", row.data());
        if (row.errorCode() == null) {
            generator.writeNullField("error");
        } else {
            generator.writeObjectFieldStart("error");
            generator.writeStringField("code", row.errorCode());
            generator.writeStringField("message", row.errorMessage());
            generator.writeEndObject();
        }
        if (includeMetadata) {
            writeStored(generator, "metadata", row.metadata());
        }
        generator.writeEndObject();
    }

    private static void writeStored(JsonGenerator generator, String name, @Nullable String json) throws IOException {
        generator.writeFieldName(name);
        if (json == null) {
            generator.writeNull();
        } else {
            generator.writeRawValue(StoredJson.onOneLine(json));
        }
    }

    @Override
    public void close() throws IOException {
        values.close();
    }
}
