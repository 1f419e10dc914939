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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceWorkbookTest {
    private static final String SHEET = "xl/worksheets/sheet1.xml";
    private static final String LINKS = "xl/worksheets/_rels/sheet1.xml.rels";

    @TempDir
    private Path directory;

    @Test
    void headingsAreReadableAndCellsHaveTheirTypes() throws IOException {
        byte[] workbook = Places.export("xlsx", Places.FULL);
        List<Row> rows = read(workbook);

        assertThat(rows.get(0).stream().map(cell -> cell.getText()))
                .containsExactly(
                        "Place name",
                        "Category",
                        "Rating",
                        "URL",
                        "Review count",
                        "Price level",
                        "Phone",
                        "Website",
                        "Street",
                        "Neighborhood",
                        "City",
                        "State",
                        "Postal code",
                        "Country code",
                        "Full address",
                        "Latitude",
                        "Longitude",
                        "Place ID",
                        "Permanently closed",
                        "Temporarily closed",
                        "Scraped at",
                        "E-mails",
                        "Social links");
        Row full = rows.get(1);
        assertThat(full.getCellAsString(0)).contains("Joe's \"Pizza\", Käse & Co");
        assertThat(full.getCellAsNumber(2)).contains(new BigDecimal("4.5"));
        assertThat(full.getCellAsNumber(4)).contains(new BigDecimal(234));
        assertThat(full.getCellAsNumber(5)).contains(new BigDecimal(2));
        assertThat(full.getCellAsString(12)).contains("00501");
        assertThat(full.getCellAsNumber(16)).contains(new BigDecimal("-74.0023"));
        assertThat(full.getCellAsBoolean(18)).contains(false);
        assertThat(full.getCellAsBoolean(19)).contains(true);
        assertThat(full.getCellAsString(21)).contains("joe@joes.example, info@joes.example");
        assertThat(full.getCellAsString(22)).contains("https://facebook.example/joes, https://instagram.example/joes");
    }

    @Test
    void theHeaderIsBoldAndFrozenAndColumnsFitTheirCells() throws IOException {
        String sheet = entry(Places.export("xlsx", Places.FULL, Places.with("placeName", "x".repeat(500))), SHEET);

        assertThat(sheet)
                .contains("ySplit=\"1\"")
                .contains("state=\"frozen\"")
                .containsPattern("<c r=\"A1\" s=\"[1-9]\"")
                .containsPattern("<col min=\"1\" max=\"1\" width=\"45.0\"")
                .containsPattern("<col min=\"12\" max=\"12\" width=\"8.0\"")
                .containsPattern("<col min=\"9\" max=\"9\" width=\"15.0\"");
    }

    @Test
    void websitesAreLinksEachInItsOwnCell() throws IOException {
        byte[] workbook = Places.export("xlsx", Places.FULL, Places.with("website", "https://joes.example/menu"));

        assertThat(entry(workbook, SHEET))
                .containsPattern("<hyperlink ref=\"D2\" r:id=\"rId1\" ?/>")
                .containsPattern("<hyperlink ref=\"H2\" r:id=\"rId2\" ?/>")
                .containsPattern("<hyperlink ref=\"H3\" r:id=\"rId3\" ?/>");
        assertThat(entry(workbook, LINKS))
                .contains("Target=\"https://maps.example/maps/place/Joe/data=!4m7!3m6?hl=en&amp;x=1\"")
                .contains("TargetMode=\"External\"");
        assertThat(read(workbook).get(1).getCellAsString(7)).contains("https://joes.example/menu");
    }

    @Test
    void onlyHttpUrlsOfExcelsLengthAreLinks() throws IOException {
        String longest = "https://a.example/" + "x".repeat(2_079 - "https://a.example/".length());
        byte[] workbook = Places.export(
                "xlsx",
                Places.with("website", "javascript:alert(1)"),
                Places.with("website", "file:///etc/passwd"),
                Places.with("website", "https://a.example/\"><x"),
                Places.with("website", "https://user@a.example/"),
                Places.with("website", "=HYPERLINK(\"https://a.example\")"),
                Places.with("website", longest + "x"),
                Places.with("website", longest));

        assertThat(entry(workbook, SHEET)).containsOnlyOnce("<hyperlink ").contains("<hyperlink ref=\"H8\"");
        assertThat(read(workbook).get(5).getCellAsString(7)).contains("'=HYPERLINK(\"https://a.example\")");
        assertThat(read(workbook).get(6).getCellAsString(7)).contains(longest + "x");
    }

    @Test
    void textCellsAreNeutralisedAndPhoneNumbersStayText() throws IOException {
        List<Row> rows = read(Places.export(
                "xlsx", Places.with("placeName", "=1+1", "category", "@x", "phoneNumber", "+12123661182")));

        assertThat(rows.get(1).getCellAsString(0)).contains("'=1+1");
        assertThat(rows.get(1).getCellAsString(1)).contains("'@x");
        assertThat(rows.get(1).getCellAsString(6)).contains("+12123661182");
    }

    @Test
    void aFileOfNoPlacesIsAHeaderRow() throws IOException {
        assertThat(read(Places.export("xlsx"))).hasSize(1);
    }

    @Test
    void aFullSheetIsContinuedWithItsLinks() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Document<String> document = new XlsxDocument<>(PlaceTable.readable(), "Places", out, 2)) {
            for (int place = 0; place < 3; place++) {
                document.write(Places.with("website", "https://a.example/"));
            }
        }

        assertThat(entry(out.toByteArray(), "xl/workbook.xml"))
                .contains("\"Places\"")
                .contains("\"Places 2\"");
        assertThat(entry(out.toByteArray(), "xl/worksheets/sheet2.xml")).contains("<hyperlink ref=\"H2\"");
    }

    private static List<Row> read(byte[] bytes) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(bytes))) {
            return workbook.getFirstSheet().read();
        }
    }

    private String entry(byte[] workbook, String name) throws IOException {
        Path file = Files.write(directory.resolve("places.xlsx"), workbook);
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream entry = zip.getInputStream(zip.getEntry(name))) {
            return new String(entry.readAllBytes(), UTF_8);
        }
    }
}
