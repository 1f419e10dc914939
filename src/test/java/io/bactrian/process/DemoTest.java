package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** The first minute of a newcomer, as a process of its own. */
class DemoTest {
    private Path home = Path.of("target", "process", "demo").toAbsolutePath();

    @Test
    void theDemoScrapesTheShopWritesTheFilesAndEnds() throws Exception {
        Process demo = start("demo", "--exit");
        assertThat(demo.waitFor(240, TimeUnit.SECONDS)).isTrue();

        String printed = Files.readString(home.resolve("out"));
        assertThat(demo.exitValue()).as(printed).isZero();
        assertThat(printed)
                .contains("0 %  0 of 300 pages", "100 %  300 of 300 pages", "The first 5 of 300 rows", "http_4xx");
        Path results = home.resolve("var").resolve("demo");
        assertThat(Files.readAllLines(results.resolve("results.csv"))).hasSize(301);
        try (ReadableWorkbook workbook =
                new ReadableWorkbook(results.resolve("results.xlsx").toFile())) {
            assertThat(workbook.getFirstSheet().read()).hasSize(301);
        }
    }

    @Test
    void theDemoOfPlacesSearchesTheMapWritesTheFilesAndEnds() throws Exception {
        home = Path.of("target", "process", "demo-places").toAbsolutePath();
        Process demo = start("demo", "places", "--exit");
        assertThat(demo.waitFor(240, TimeUnit.SECONDS)).isTrue();

        String printed = Files.readString(home.resolve("out"));
        assertThat(demo.exitValue()).as(printed).isZero();
        assertThat(printed).contains("100 %  60 of 60 places", "60 places for 60 credits", "The first 5 of 60 rows");
        Path results = home.resolve("var").resolve("demo-places");
        try (CsvReader<NamedCsvRecord> places =
                CsvReader.builder().detectBomHeader(true).ofNamedCsvRecord(results.resolve("places.csv"))) {
            assertThat(places.stream().map(place -> place.getField("place_id")))
                    .hasSize(60)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> id.startsWith("ChIJ"));
        }
        try (ReadableWorkbook workbook =
                new ReadableWorkbook(results.resolve("places.xlsx").toFile())) {
            assertThat(workbook.getFirstSheet().read()).hasSize(61);
        }
        assertThat(Files.readString(results.resolve("hubspot.csv"))).contains("First Name,Last Name,Phone");
    }

    private Process start(String... command) throws IOException {
        FileSystemUtils.deleteRecursively(home);
        Files.createDirectories(home);
        FileSystemUtils.copyRecursively(Path.of("routes"), home.resolve("routes"));
        FileSystemUtils.copyRecursively(Path.of("config"), home.resolve("config"));
        ProcessBuilder builder = new ProcessBuilder(ServiceCommand.of(
                        List.of("-Dbactrian.demo.shop-port=0", "-Dbactrian.demo.map-port=0"), command))
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("out").toFile());
        for (String port :
                List.of("SERVER_PORT", "MANAGEMENT_SERVER_PORT", "BACTRIAN_POSTGRES_PORT", "BACTRIAN_BROKER_PORT")) {
            builder.environment().put(port, "0");
        }
        builder.environment()
                .put(
                        "BACTRIAN_BROWSER_DRIVER",
                        Path.of("target", "playwright", "driver")
                                .toAbsolutePath()
                                .toString());
        return builder.start();
    }
}
