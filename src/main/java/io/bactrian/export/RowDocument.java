package io.bactrian.export;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/** A document of rows; closing it writes its end and closes its stream. */
interface RowDocument extends Closeable {

    static RowDocument of(ExportFormat format, ExportLayout layout, OutputStream out) throws IOException {
        return switch (format) {
            case JSON -> JsonDocument.array(layout, out);
            case JSONL -> JsonDocument.lines(layout, out);
            case CSV -> new CsvDocument(layout, out);
            case XLSX -> new XlsxDocument(layout, out, XlsxDocument.ROWS_PER_SHEET);
        };
    }

    void write(ExportRow row) throws IOException;
}
