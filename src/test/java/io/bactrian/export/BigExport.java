package io.bactrian.export;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** A program that exports many rows into nothing: {@code BigExport FORMAT together|individually ROWS}. */
final class BigExport {
    private BigExport() {}

    public static void main(String[] arguments) throws IOException {
        ExportFormat format = ExportFormat.of(arguments[0]);
        ExportLayout layout = new ExportLayout(List.of("title", "price", "text"), true);
        int rows = Integer.parseInt(arguments[2]);
        try (RowSink sink = arguments[1].equals("together")
                ? RowSink.open(format, layout, OutputStream.nullOutputStream())
                : RowSink.individualFiles(format, layout, OutputStream.nullOutputStream())) {
            for (int position = 0; position < rows; position++) {
                sink.write(row(position));
            }
        }
    }

    /** No two rows share a value, so that whatever keeps values is found out. */
    private static ExportRow row(int position) {
        String text = ("Row " + position + " has its own text. ").repeat(12);
        String data = "{\"title\":\"Title " + position + "\",\"price\":" + position + ".5,\"text\":\"" + text + "\"}";
        return new ExportRow(position, "https://shop.example/products/" + position, data, null, null, Rows.METADATA);
    }
}
