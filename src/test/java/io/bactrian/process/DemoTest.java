package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** The first minute of a newcomer, as a process of its own. */
class DemoTest {
    private final Path home = Path.of("target", "process", "demo").toAbsolutePath();

    @Test
    void theDemoScrapesTheShopWritesTheFilesAndEnds() throws Exception {
        FileSystemUtils.deleteRecursively(home);
        Files.createDirectories(home);
        FileSystemUtils.copyRecursively(Path.of("routes"), home.resolve("routes"));
        FileSystemUtils.copyRecursively(Path.of("config"), home.resolve("config"));

        Process demo = start();
        assertThat(demo.waitFor(120, TimeUnit.SECONDS)).isTrue();

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

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dbactrian.demo.shop-port=0",
                        "-cp",
                        absoluteClassPath(),
                        "io.bactrian.Bactrian",
                        "demo",
                        "--exit")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("out").toFile());
        for (String port :
                List.of("SERVER_PORT", "MANAGEMENT_SERVER_PORT", "BACTRIAN_POSTGRES_PORT", "BACTRIAN_BROKER_PORT")) {
            builder.environment().put(port, "0");
        }
        return builder.start();
    }

    private static String absoluteClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
