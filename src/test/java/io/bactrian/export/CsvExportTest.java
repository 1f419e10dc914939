package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CsvExportTest {

    @Test
    void aRowHasUrlSelectorsInOrderAndTheErrorCode() throws IOException {
        assertThat(text(Rows.LAYOUT, Rows.HAD, Rows.LOST)).isEqualTo("""
                url,title,price,stock,tags,error
                "https://shop.example/a?x=1,2","Käse ""mild""\",-3.50,true,"[""new"", {""n"": 1.50}]",
                https://gone.example/,,,,,http_4xx
                """.replace("\n", "\r\n"));
    }

    @Test
    void metadataFollowsTheError() throws IOException {
        assertThat(text(Rows.WITH_METADATA, Rows.of("https://a.example", "{}"), metadataOnly()))
                .isEqualTo("""
                url,title,price,stock,tags,error,final_url,status_code,content_type,fetched_at,duration_ms,attempts
                https://a.example,,,,,,,,,,,
                https://b.example,,,,,,https://shop.example/b,200,text/html,2026-01-02T03:04:05Z,42,1
                """.replace("\n", "\r\n"));
    }

    @Test
    void noRowsAreAHeaderRow() throws IOException {
        assertThat(text(Rows.LAYOUT)).isEqualTo("url,title,price,stock,tags,error\r\n");
    }

    @Test
    void headingsUrlsAndValuesAreNeutralised() throws IOException {
        ExportLayout layout = new ExportLayout(List.of("-x", "@y"), false);
        ExportRow row = Rows.of("=cmd", "{\"-x\":\"+SUM(1)\",\"@y\":\"-3.5\"}");

        assertThat(text(layout, row)).isEqualTo("url,'-x,'@y,error\r\n'=cmd,'+SUM(1),-3.5,\r\n");
    }

    @Test
    void nullIsAnEmptyCellAndUnknownNamesAreLeftOut() throws IOException {
        ExportRow row = Rows.of("https://a.example", "{\"title\":null,\"other\":{\"price\":1},\"price\":\"\"}");

        assertThat(text(Rows.LAYOUT, row)).endsWith("\r\nhttps://a.example,,,,,\r\n");
    }

    @Test
    void longListsAreCompleteJsonText() throws IOException {
        List<Integer> numbers = IntStream.range(0, 50_000).boxed().toList();
        String data = new ObjectMapper().writeValueAsString(Map.of("tags", numbers));

        assertThat(text(Rows.LAYOUT, Rows.of("https://a.example", data)))
                .contains("\"" + new ObjectMapper().writeValueAsString(numbers) + "\"");
    }

    @Test
    void malformedStoredDataIsADefectThatNamesTheRow() {
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Rows.export(ExportFormat.CSV, Rows.LAYOUT, Rows.of("https://a.example", "{\"title\"")))
                .withMessageContaining("Row 0");
    }

    private static ExportRow metadataOnly() {
        return new ExportRow(1, "https://b.example", null, null, null, Rows.METADATA);
    }

    private static String text(ExportLayout layout, ExportRow... rows) throws IOException {
        return new String(Rows.export(ExportFormat.CSV, layout, rows), UTF_8);
    }
}
