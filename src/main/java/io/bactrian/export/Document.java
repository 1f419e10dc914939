package io.bactrian.export;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A file of rows in the making; closing it writes its end and closes its stream.
 *
 * @param <R> what a row is
 */
interface Document<R> extends Closeable {

    /** The results of a task in that format. */
    static Document<ExportRow> ofRows(ExportFormat format, ExportLayout layout, OutputStream out) throws IOException {
        return switch (format) {
            case JSON -> JsonDocument.array(layout, out);
            case JSONL -> JsonDocument.lines(layout, out);
            case CSV -> new CsvDocument<>(new Table(layout), out);
            case XLSX -> new XlsxDocument<>(new Table(layout), "Results", out, XlsxDocument.ROWS_PER_SHEET);
        };
    }

    void write(R row) throws IOException;
}
