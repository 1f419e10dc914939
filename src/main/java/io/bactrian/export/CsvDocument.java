package io.bactrian.export;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Rows as CSV (RFC 4180) with a header record, every cell neutralised. */
final class CsvDocument<R> implements Document<R> {
    private final Tabulation<R> table;
    private final CsvWriter writer;

    CsvDocument(Tabulation<R> table, OutputStream out) throws IOException {
        this.table = table;
        writer = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(out, StandardCharsets.UTF_8);
        writeRecord(table.columns().stream()
                .map(column -> SafeText.neutralised(column.heading()))
                .toArray(String[]::new));
    }

    @Override
    public void write(R row) throws IOException {
        writeRecord(Arrays.stream(table.cells(row)).map(Cell::neutralised).toArray(String[]::new));
    }

    private void writeRecord(String[] values) throws IOException {
        try {
            writer.writeRecord(values);
        } catch (UncheckedIOException wrapped) {
            throw wrapped.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
