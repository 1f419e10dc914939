package io.bactrian.export;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A download in the making: rows go in one by one, a document goes out to a stream.
 *
 * <p>A sink keeps no rows, so a download may have any number of them. Failures of the stream reach the caller as they
 * are; after one the sink writes nothing more to that stream. Sinks flush the stream at the end and never close it: that
 * is for whoever opened it. A sink is for one thread at a time.
 */
public interface RowSink extends Closeable {

    /** A document with all rows in it, in the order in which they are written. */
    static RowSink open(ExportFormat format, ExportLayout layout, OutputStream out) throws IOException {
        DetachableOutputStream target = new DetachableOutputStream(out);
        return new CompletingSink.OfRows(Document.ofRows(format, layout, target), target);
    }

    /**
     * A ZIP archive with a document for each row ({@code export_individual_files}), named after the row's position and
     * URL, such as {@code 000001-example.com-products.json}.
     *
     * <p>An archive ends with a directory of its entries, so memory grows by about 300 bytes a row.
     */
    static RowSink individualFiles(ExportFormat format, ExportLayout layout, OutputStream out) {
        DetachableOutputStream target = new DetachableOutputStream(out);
        return new CompletingSink.OfRows(new ArchiveDocument(format, layout, target), target);
    }

    /**
     * Adds a row.
     *
     * @throws IllegalStateException if the sink was closed or abandoned, or an earlier row could not be written
     */
    void write(ExportRow row) throws IOException;

    /**
     * Gives the document up, so that {@link #close()} leaves it visibly incomplete.
     *
     * <p>Call it when the source of the rows fails half way: a reader must not take half a result for the whole. A sink
     * whose {@code write} failed has abandoned itself.
     */
    void abandon();

    /** Completes the document, unless it was abandoned; a second call does nothing. */
    @Override
    void close() throws IOException;
}
