package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsReportTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ResultsReport report = ResultsReport.ofPages(new PrintStream(written, true, UTF_8));

    @Test
    void showsTheFirstFiveRowsAndEveryFailure() throws Exception {
        StringBuilder csv = new StringBuilder("url,title,price,rating,in_stock,image,breadcrumb,error,status_code\r\n");
        for (int row = 1; row <= 7; row++) {
            csv.append("http://shop/%s,\"Kettle, %s\",9.5,4.2,In stock,,\"[{\"\"name\"\":\"\"Home\"\"}]\",,200\r\n"
                    .formatted(row, row));
        }
        csv.append("http://shop/8,,,,,,,http_4xx,404\r\n");

        report.print(Files.writeString(directory.resolve("results.csv"), csv));

        assertThat(written.toString(UTF_8).lines().map(String::strip))
                .contains("The first 5 of 8 rows:", "Kettle, 5    9.5     4.2  In stock  /5")
                .endsWith("http_4xx  http://shop/8");
        assertThat(written.toString(UTF_8)).doesNotContain("Kettle, 6");
    }

    @Test
    void aFileThatIsNotThereIsSaidInOneSentence() {
        Path missing = directory.resolve("missing.csv");
        assertThatThrownBy(() -> report.print(missing))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("missing.csv cannot be read");
    }
}
