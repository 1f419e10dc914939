package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The producers of {@code src/examples/queue}, as their readers run them. */
@ExtendWith(RunningService.class)
class QueueExamplesTest {
    private static final Path EXAMPLES = Path.of("src", "examples", "queue").toAbsolutePath();

    private final BrokerPort broker;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on(
                    "/page",
                    (request, socket, out) -> Behaviours.body("text/html", Behaviours.utf8("<h1>Anvil</h1>"))
                            .answer(request, socket, out));

    @TempDir
    private Path directory;

    QueueExamplesTest(Service service, BrokerPort broker) {
        this.broker = broker;
        this.account = service.register();
    }

    @AfterEach
    void closeTheSite() {
        site.close();
    }

    @Test
    void theProducerInJavaSendsAndReadsByJms() throws Exception {
        assertRuns(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EXAMPLES.resolve("QueueProducer.java").toString()));
    }

    @Test
    void theProducerInPythonSendsAndReadsByStomp() throws Exception {
        assumeTrue(runs("python3", "--version"), "Python is not installed");
        assertRuns(List.of("python3", EXAMPLES.resolve("queue_producer.py").toString()));
    }

    /** Where npm can install its one dependency. */
    @Test
    void theProducerForNodeSendsAndReadsByAmqp() throws Exception {
        assumeTrue(runs("node", "--version"), "Node is not installed");
        Path copy = Files.createDirectories(directory.resolve("node"));
        for (String file : List.of("package.json", "queue-producer.mjs")) {
            Files.copy(EXAMPLES.resolve("node").resolve(file), copy.resolve(file));
        }
        assumeTrue(
                runs("npm", "install", "--no-audit", "--no-fund", "--prefix", copy.toString()),
                "npm cannot install rhea here");
        assertRuns(List.of("node", copy.resolve("queue-producer.mjs").toString()));
    }

    private void assertRuns(List<String> command) throws IOException, InterruptedException {
        File output = directory.resolve("output").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
        builder.environment().put("API_KEY", account.newKey("prod", "tasks:create"));
        builder.environment().put("PAGE_URL", site.url("/page"));
        builder.environment().put("BROKER_PASSWORD", "producer");
        builder.environment().put("BROKER_PORT", Integer.toString(broker.number()));
        builder.environment().put("BROKER_URL", "tcp://127.0.0.1:" + broker.number());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS))
                    .as(Files.readString(output.toPath()))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }

        String printed = Files.readString(output.toPath());
        assertThat(process.exitValue()).as(printed).isZero();
        List<String> lines = printed.lines().toList();
        assertThat(lines.stream().filter(line -> line.startsWith("accepted ")))
                .as(printed)
                .hasSize(2);
        assertThat(lines.stream().filter(line -> line.startsWith("ended ") && line.contains(" completed {")))
                .as(printed)
                .hasSize(2);
        assertThat(account.get("/tasks").header("X-Total-Count")).isEqualTo("2");
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean ended = process.waitFor(120, TimeUnit.SECONDS);
            process.destroyForcibly();
            return ended && process.exitValue() == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}
