package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonExportTest {
    private static final String HAD =
            "{\"url\":\"https://shop.example/a?x=1,2\",\"data\":" + Rows.HAD.data() + ",\"error\":null";
    private static final String LOST = "{\"url\":\"https://gone.example/\",\"data\":null,"
            + "\"error\":{\"code\":\"http_4xx\",\"message\":\"The site answered 404.\"}";

    @Test
    void jsonIsAnArrayWithOneRowALine() throws IOException {
        assertThat(text(ExportFormat.JSON, Rows.LAYOUT, Rows.HAD, Rows.LOST))
                .isEqualTo("[\n" + HAD + "},\n" + LOST + "}\n]\n");
    }

    @Test
    void jsonlIsOneRowALine() throws IOException {
        assertThat(text(ExportFormat.JSONL, Rows.LAYOUT, Rows.HAD, Rows.LOST)).isEqualTo(HAD + "}\n" + LOST + "}\n");
    }

    @Test
    void metadataIsThereOnlyWhenAskedFor() throws IOException {
        assertThat(text(ExportFormat.JSONL, Rows.WITH_METADATA, Rows.HAD, Rows.LOST))
                .isEqualTo(HAD + ",\"metadata\":" + Rows.METADATA + "}\n" + LOST + ",\"metadata\":null}\n");
    }

    @Test
    void noRowsAreAnEmptyArrayAndAnEmptyFile() throws IOException {
        assertThat(text(ExportFormat.JSON, Rows.LAYOUT)).isEqualTo("[]\n");
        assertThat(text(ExportFormat.JSONL, Rows.LAYOUT)).isEmpty();
    }

    @Test
    void whatWasStoredComesBack() throws IOException {
        String url = "https://example.com/\"\\\n\u0001\u2028€\uD83D\uDC2B";
        String data = "{\n  \"title\": \"a\\nb\",\r\n  \"price\": 12345678901234567890.10\n}";
        JsonNode row = new ObjectMapper()
                .readTree(Rows.export(ExportFormat.JSON, Rows.LAYOUT, Rows.of(url, data)))
                .get(0);

        assertThat(row.get("url").textValue()).isEqualTo(url);
        assertThat(row.get("data")).isEqualTo(new ObjectMapper().readTree(data));
    }

    @Test
    void lineBreaksInStoredJsonDoNotBreakTheLinesOfJsonl() throws IOException {
        String lines = text(ExportFormat.JSONL, Rows.LAYOUT, Rows.of("https://a.example", "{\r\n\"title\":\n\"x\"}"));

        assertThat(lines.lines()).hasSize(1);
    }

    @Test
    void anUnpairedSurrogateDoesNotEndTheExport() throws IOException {
        JsonNode rows = new ObjectMapper()
                .readTree(Rows.export(
                        ExportFormat.JSON, Rows.LAYOUT, Rows.of("https://a.example/\uD800!", "{}"), Rows.LOST));

        assertThat(rows.get(0).get("url").textValue()).isEqualTo("https://a.example/?!");
        assertThat(rows).hasSize(2);
    }

    private static String text(ExportFormat format, ExportLayout layout, ExportRow... rows) throws IOException {
        return new String(Rows.export(format, layout, rows), UTF_8);
    }
}
