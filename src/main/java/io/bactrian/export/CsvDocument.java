package io.bactrian.export;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Rows as CSV (RFC 4180) with a header record, every cell neutralised. */
final class CsvDocument implements RowDocument {
    private final Table table;
    private final CsvWriter writer;

    CsvDocument(ExportLayout layout, OutputStream out) throws IOException {
        table = new Table(layout);
        writer = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(out, StandardCharsets.UTF_8);
        writeRecord(table.headings().toArray(String[]::new));
    }

    @Override
    public void write(ExportRow row) throws IOException {
        Cell[] cells = table.cells(row);
        String[] values = new String[cells.length];
        for (int column = 0; column < cells.length; column++) {
            values[column] = cells[column].text();
        }
        writeRecord(values);
    }

    private void writeRecord(String[] values) throws IOException {
        for (int column = 0; column < values.length; column++) {
            values[column] = SafeText.neutralised(values[column]);
        }
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
