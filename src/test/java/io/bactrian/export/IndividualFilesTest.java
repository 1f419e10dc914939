package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndividualFilesTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            https://example.com,                                     000001-example.com.csv
            https://example.com/,                                    000001-example.com.csv
            HTTP://Example.com:8080/a/b.html?token=secret#part,      000001-Example.com-8080-a-b.html.csv
            https://user:pass@example.com/x,                         000001-example.com-x.csv
            https://example.com/@user/a@b,                           000001-example.com-user-a-b.csv
            https://example.com/a%20b%2Fc,                           000001-example.com-a-b-c.csv
            https://example.com/../../etc/passwd,                    000001-example.com.etc-passwd.csv
            https://example.com/..%2f..%5c..\\..\\x,                 000001-example.com.x.csv
            https://münchen.example/straße,                          000001-m-nchen.example-stra-e.csv
            https://[::1]/,                                          000001-1.csv
            https://con/,                                            000001-con.csv
            https://aux.txt/nul.,                                    000001-aux.txt-nul.csv
            ???,                                                     000001.csv
            """)
    void aNameHasThePositionTheHostAndThePath(String url, String name) {
        assertThat(FileNames.of(0, url, ExportFormat.CSV)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://",
                "/../../../etc/passwd",
                "C:\\Windows\\System32",
                "https://a.example/\u0000\u0007\r\n\u202Egnp.exe",
                "https://a.example/<>:\"|?*",
                "https://a.example/~$x; rm -rf `x` $(y) &",
                "https://a.example/file:stream",
                "https://a.example/trailing. . ."
            })
    void aHostileUrlGivesASafeName(String url) {
        assertThat(FileNames.of(41, url, ExportFormat.JSONL))
                .matches("000042(-[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9_])?)?\\.jsonl")
                .doesNotContain("..");
    }

    @Test
    void aNameIsShortHoweverLongTheUrl() {
        String path = "/" + "%41-.@".repeat(200_000);

        assertThat(FileNames.of(99_999, "https://" + "a".repeat(100_000) + path, ExportFormat.JSON))
                .hasSize("100000-.json".length() + 80);
        assertThat(FileNames.of(0, "https://user:" + "p".repeat(9_000) + "@a.example" + path, ExportFormat.JSON))
                .startsWith("000001-a.example");
    }

    @Test
    void eachRowIsADocumentOfTheTasksFormat() throws IOException {
        assertThat(texts(Rows.individualFiles(ExportFormat.JSONL, Rows.HAD, Rows.LOST)))
                .containsOnlyKeys("000001-shop.example-a.jsonl", "000002-gone.example.jsonl")
                .containsEntry(
                        "000002-gone.example.jsonl",
                        new String(Rows.export(ExportFormat.JSONL, Rows.LAYOUT, Rows.LOST), UTF_8));
        assertThat(texts(Rows.individualFiles(ExportFormat.CSV, Rows.LOST)))
                .containsEntry(
                        "000002-gone.example.csv",
                        new String(Rows.export(ExportFormat.CSV, Rows.LAYOUT, Rows.LOST), UTF_8));
    }

    @Test
    void aWorkbookInTheArchiveCanBeRead() throws IOException {
        byte[] archive = Rows.individualFiles(ExportFormat.XLSX, Rows.HAD, Rows.LOST);

        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            zip.getNextEntry();
            try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(zip.readAllBytes()))) {
                assertThat(workbook.getFirstSheet().read()).hasSize(2);
            }
        }
    }

    @Test
    void theSameUrlTwiceIsTwoFiles() throws IOException {
        ExportRow again = new ExportRow(7, Rows.HAD.url(), null, null, null, null);

        assertThat(texts(Rows.individualFiles(ExportFormat.JSON, Rows.HAD, again)))
                .hasSize(2);
    }

    @Test
    void theSameRowsGiveTheSameArchive() throws IOException {
        assertThat(Rows.individualFiles(ExportFormat.JSON, Rows.HAD, Rows.LOST))
                .isEqualTo(Rows.individualFiles(ExportFormat.JSON, Rows.HAD, Rows.LOST));
        try (ZipInputStream zip =
                new ZipInputStream(new ByteArrayInputStream(Rows.individualFiles(ExportFormat.JSON, Rows.HAD)))) {
            ZipEntry entry = zip.getNextEntry();
            assertThat(entry).isNotNull();
            assertThat(entry.getTimeLocal()).isEqualTo("1980-02-01T00:00:00");
        }
    }

    private static Map<String, String> texts(byte[] archive) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive), UTF_8)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                texts.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        return texts;
    }
}
