package io.bactrian.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Rows and layouts that the tests of this room share. */
final class Rows {
    static final String METADATA = "{\"final_url\": \"https://shop.example/b\", \"status_code\": 200,"
            + " \"content_type\": \"text/html\", \"fetched_at\": \"2026-01-02T03:04:05Z\","
            + " \"duration_ms\": 42, \"attempts\": 1}";

    static final ExportLayout LAYOUT = new ExportLayout(List.of("title", "price", "stock", "tags"), false);
    static final ExportLayout WITH_METADATA = new ExportLayout(LAYOUT.selectors(), true);

    static final ExportRow HAD = new ExportRow(
            0,
            "https://shop.example/a?x=1,2",
            "{\"tags\": [\"new\", {\"n\": 1.50}], \"title\": \"Käse \\\"mild\\\"\", \"price\": -3.50, \"stock\": true}",
            null,
            null,
            METADATA);
    static final ExportRow LOST =
            new ExportRow(1, "https://gone.example/", null, "http_4xx", "The site answered 404.", null);

    private Rows() {}

    static ExportRow of(String url, String data) {
        return new ExportRow(0, url, data, null, null, null);
    }

    static byte[] export(ExportFormat format, ExportLayout layout, ExportRow... rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RowSink sink = RowSink.open(format, layout, out)) {
            for (ExportRow row : rows) {
                sink.write(row);
            }
        }
        return out.toByteArray();
    }

    static byte[] individualFiles(ExportFormat format, ExportRow... rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RowSink sink = RowSink.individualFiles(format, LAYOUT, out)) {
            for (ExportRow row : rows) {
                sink.write(row);
            }
        }
        return out.toByteArray();
    }
}
