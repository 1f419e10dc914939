package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XlsxExportTest {

    @Test
    void aRowHasTypedCells() throws IOException {
        List<Row> rows = read(Rows.export(ExportFormat.XLSX, Rows.WITH_METADATA, Rows.HAD, Rows.LOST));

        assertThat(texts(rows.get(0)))
                .containsExactly(
                        "url",
                        "title",
                        "price",
                        "stock",
                        "tags",
                        "error",
                        "final_url",
                        "status_code",
                        "content_type",
                        "fetched_at",
                        "duration_ms",
                        "attempts");
        Row had = rows.get(1);
        assertThat(had.getCellAsString(0)).contains("https://shop.example/a?x=1,2");
        assertThat(had.getCellAsString(1)).contains("Käse \"mild\"");
        assertThat(had.getCellAsNumber(2)).contains(new BigDecimal("-3.5"));
        assertThat(had.getCellAsBoolean(3)).contains(true);
        assertThat(had.getCellAsString(4)).contains("[\"new\", {\"n\": 1.50}]");
        assertThat(had.getOptionalCell(5)).isEmpty();
        assertThat(had.getCellAsNumber(7)).contains(new BigDecimal(200));
        assertThat(had.getCellAsString(9)).contains("2026-01-02T03:04:05Z");
        assertThat(texts(rows.get(2))).containsExactly("https://gone.example/", "", "", "", "", "http_4xx");
    }

    @Test
    void textCellsAndHeadingsAreNeutralised() throws IOException {
        ExportLayout layout = new ExportLayout(List.of("-x"), false);
        List<Row> rows = read(Rows.export(ExportFormat.XLSX, layout, Rows.of("@u", "{\"-x\":\"=1+2\"}")));

        assertThat(texts(rows.get(0))).containsExactly("url", "'-x", "error");
        assertThat(texts(rows.get(1))).containsExactly("'@u", "'=1+2");
    }

    @Test
    void numbersThatExcelWouldMutilateAreText() throws IOException {
        String data = "{\"title\":12345678901234567890,\"price\":-1e999,\"stock\":123456789012345,\"tags\":1.0E-3}";
        Row row = read(Rows.export(ExportFormat.XLSX, Rows.LAYOUT, Rows.of("https://a.example", data)))
                .get(1);

        assertThat(row.getCellAsString(1)).contains("12345678901234567890");
        assertThat(row.getCellAsString(2)).contains("-1e999");
        assertThat(row.getCellAsNumber(3)).contains(new BigDecimal("123456789012345"));
        assertThat(row.getCellAsNumber(4))
                .hasValueSatisfying(number -> assertThat(number).isEqualByComparingTo("0.001"));
    }

    @Test
    void whitespaceAtTheEdgesOfATextIsKept(@TempDir Path directory) throws IOException {
        byte[] workbook = Rows.export(
                ExportFormat.XLSX, Rows.LAYOUT, Rows.of("https://a.example", "{\"title\":\" <b>x</b>\\n\"}"));

        assertThat(sheetXml(directory, workbook)).contains("<t xml:space=\"preserve\"> &lt;b&gt;x&lt;/b&gt;&#xa;</t>");
        assertThat(read(workbook).get(1).getCellAsString(1)).contains(" <b>x</b>\n");
    }

    @Test
    void theHeaderRowIsBoldAndFrozen(@TempDir Path directory) throws IOException {
        byte[] workbook = Rows.export(ExportFormat.XLSX, Rows.LAYOUT);

        assertThat(sheetXml(directory, workbook))
                .contains("ySplit=\"1\"")
                .contains("state=\"frozen\"")
                .containsPattern("<c r=\"A1\" s=\"[1-9]\"")
                .contains("width=\"50.0\"");
        assertThat(read(workbook)).hasSize(1);
    }

    @Test
    void aFullSheetIsContinuedOnAnother() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Document<ExportRow> document = new XlsxDocument<>(new Table(Rows.LAYOUT), "Results", out, 2)) {
            for (int position = 0; position < 5; position++) {
                document.write(new ExportRow(position, "https://a.example/" + position, "{}", null, null, null));
            }
        }

        try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(out.toByteArray()))) {
            List<Sheet> sheets = workbook.getSheets().toList();
            assertThat(sheets).extracting(Sheet::getName).containsExactly("Results", "Results 2", "Results 3");
            assertThat(texts(sheets.get(1).read().get(0))).first().isEqualTo("url");
            assertThat(texts(sheets.get(1).read().get(2))).first().isEqualTo("https://a.example/3");
            assertThat(sheets.get(2).read()).hasSize(2);
        }
    }

    private static List<Row> read(byte[] bytes) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(bytes))) {
            return workbook.getFirstSheet().read();
        }
    }

    private static List<String> texts(Row row) {
        return row.stream().map(cell -> cell == null ? "" : cell.getText()).toList();
    }

    private static String sheetXml(Path directory, byte[] workbook) throws IOException {
        Path file = Files.write(directory.resolve("results.xlsx"), workbook);
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream sheet = zip.getInputStream(zip.getEntry("xl/worksheets/sheet1.xml"))) {
            return new String(sheet.readAllBytes(), UTF_8);
        }
    }
}
