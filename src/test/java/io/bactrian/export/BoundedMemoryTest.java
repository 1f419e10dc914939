package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exports in a JVM of their own, whose heap is far smaller than what they write. */
class BoundedMemoryTest {

    @ParameterizedTest
    @CsvSource({
        "json, together, 200000, 32m",
        "jsonl, together, 200000, 32m",
        "csv, together, 200000, 32m",
        "xlsx, together, 200000, 32m",
        "json, individually, 200000, 96m",
        "xlsx, individually, 20000, 48m"
    })
    void anExportNeedsLittleMemoryHoweverManyRows(
            String format, String how, String rows, String heap, @TempDir Path directory)
            throws IOException, InterruptedException {
        run(directory, heap, BigExport.class, format, how, rows);
    }

    @ParameterizedTest
    @CsvSource({"json, 50000, 32m", "csv, 50000, 32m", "salesforce, 50000, 32m", "xlsx, 10000, 32m", "xlsx, 100000, 64m"
    })
    void aFileOfPlacesNeedsLittleMemoryHoweverManyPlaces(
            String format, String places, String heap, @TempDir Path directory)
            throws IOException, InterruptedException {
        run(directory, heap, BigPlaceExport.class, format, places);
    }

    private static void run(Path directory, String heap, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        Path log = directory.resolve("log");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly();

        assertThat(ended).as("the export ends within three minutes").isTrue();
        assertThat(process.exitValue()).as(() -> read(log)).isZero();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException cause) {
            return cause.toString();
        }
    }
}
