package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that something else than this project opens: Python, where the machine has it. */
class ForeignReadersTest {
    private static final String[] PLACES = {
        Places.FULL,
        Places.BARE,
        Places.with(
                "placeName", "a,\"b\"\r\n c;'d'\té 🍕 <x> & _x0041_ ",
                "phoneNumber", "+49 30 901820",
                "countryCode", "DE",
                "totalReviewScore", 3.25)
    };

    @TempDir
    private Path directory;

    @BeforeAll
    static void pythonIsThere() throws IOException, InterruptedException {
        assumeTrue(runs("python3", "-c", "import csv, json, xml.etree.ElementTree, zipfile"), "There is no python3.");
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "hubspot", "salesforce", "pipedrive", "zoho"})
    void everyCsvIsReadBackEqual(String name) throws IOException, InterruptedException {
        PlaceFormat format = Places.FORMATS.find(name).orElseThrow();
        JsonNode rows = read(name + "." + format.extension(), Places.export(name, PLACES));

        assertThat(rows).hasSize(1 + PLACES.length);
        Tabulation<String> table = name.equals("csv")
                ? PlaceTable.documented()
                : new CrmTable(CrmFormatReader.read(Path.of("config", "exports", name + ".yaml")));
        assertThat(rows.get(0))
                .extracting(JsonNode::textValue)
                .containsExactlyElementsOf(
                        table.columns().stream().map(Tabulation.Column::heading).toList());
        for (int place = 0; place < PLACES.length; place++) {
            assertThat(rows.get(place + 1))
                    .extracting(JsonNode::textValue)
                    .containsExactlyElementsOf(List.of(table.cells(PLACES[place])).stream()
                            .map(Cell::text)
                            .toList());
        }
    }

    @Test
    void theWorkbookIsReadBackEqual() throws IOException, InterruptedException {
        JsonNode workbook = read("places.xlsx", Places.export("xlsx", PLACES));
        JsonNode cells = workbook.path("cells");

        assertThat(workbook.path("frozen")).extracting(JsonNode::textValue).containsExactly("frozen", "A2");
        assertThat(cells.path("A2").textValue()).isEqualTo("Joe's \"Pizza\", Käse & Co");
        assertThat(cells.path("C2").isNumber()).isTrue();
        assertThat(cells.path("C2").doubleValue()).isEqualTo(4.5);
        assertThat(cells.path("E2").doubleValue()).isEqualTo(234);
        assertThat(cells.path("M2").textValue()).isEqualTo("00501");
        assertThat(cells.path("Q2").doubleValue()).isEqualTo(-74.0023);
        assertThat(cells.path("S2").isBoolean()).isTrue();
        assertThat(cells.path("T2").booleanValue()).isTrue();
        assertThat(cells.has("A3")).isFalse();
        assertThat(cells.path("R3").textValue()).isEqualTo("bare-1");
        assertThat(cells.path("A4").textValue()).contains("é 🍕 <x> & _x005F_x0041_ ");
        assertThat(cells.path("G4").textValue()).isEqualTo("+49 30 901820");
        assertThat(workbook.path("links")).hasSize(2);
        assertThat(workbook.path("links").path("D2").textValue())
                .isEqualTo("https://maps.example/maps/place/Joe/data=!4m7!3m6?hl=en&x=1");
        assertThat(workbook.path("links").path("H2").textValue()).isEqualTo("https://joes.example/menu");
    }

    private JsonNode read(String name, byte[] bytes) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve(name), bytes);
        Path script = directory.resolve("read_exports.py");
        try (InputStream source = ForeignReadersTest.class.getResourceAsStream("read_exports.py")) {
            assertThat(source).isNotNull();
            Files.write(script, source.readAllBytes());
        }
        Path output = directory.resolve("output.json");
        Path errors = directory.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder("python3", script.toString(), file.toString())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as("Python ends within a minute").isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        return Places.MAPPER.readTree(Files.readString(output));
    }
}
