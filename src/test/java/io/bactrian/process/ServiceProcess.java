package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestFork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/** One node of the service: a data directory and four ports, and the JVM that runs on them from time to time. */
final class ServiceProcess implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(Long.getLong("bactrian.test.ready-seconds", 180));
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(30);

    private static final Pattern BROWSER = Pattern.compile("/(?:node|[^/]*chrom[^/]*|headless_shell)$");

    private final Path data;
    private final Path logs;
    private final Map<String, String> settings = new HashMap<>();
    private @Nullable Process process;
    private int starts;

    /** @param name of the directory under {@code target/} for the data and the logs, which is emptied */
    ServiceProcess(String name) {
        this.logs = Path.of("target", "process", name).toAbsolutePath();
        this.data = logs.resolve("data");
        empty(logs);
        List<Integer> ports = TestFork.freePorts(4);
        settings.put("BACTRIAN_DATA_DIRECTORY", data.toString());
        settings.put("SERVER_PORT", ports.get(0).toString());
        settings.put("MANAGEMENT_SERVER_PORT", ports.get(1).toString());
        settings.put("BACTRIAN_POSTGRES_PORT", ports.get(2).toString());
        settings.put("BACTRIAN_BROKER_PORT", ports.get(3).toString());
        settings.put(
                "BACTRIAN_POSTGRES_BINARIES",
                Path.of("target", "postgres-binaries").toAbsolutePath().toString());
        settings.put("BACTRIAN_EGRESS_ALLOW", "127.0.0.0/8");
        settings.put("BACTRIAN_RATELIMIT_ENABLED", "false");
        // Before this test gives up, so that a stop that hangs says why.
        settings.put("BACTRIAN_SHUTDOWN_DEADLINE", "20s");
        settings.put("BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "10000000");
    }

    /** Changes a setting for the starts to come. */
    ServiceProcess with(String variable, String value) {
        settings.put(variable, value);
        return this;
    }

    String setting(String variable) {
        return settings.getOrDefault(variable, "");
    }

    int port(String variable) {
        return Integer.parseInt(setting(variable));
    }

    Path data() {
        return data;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + setting("SERVER_PORT"));
    }

    /** The node's own database, which outlives a killed process. */
    JdbcClient database() {
        return JdbcClient.create(new DriverManagerDataSource(databaseUrl()));
    }

    /** The URL of that, with user. */
    String databaseUrl() {
        return "jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres".formatted(setting("BACTRIAN_POSTGRES_PORT"));
    }

    /** Starts the process and waits until it is ready. */
    void start() {
        boolean own =
                !settings.containsKey("SPRING_DATASOURCE_URL") && !settings.containsKey("BACTRIAN_SECRETS_MASTERKEY");
        if (own && starts == 0 && !Files.exists(data)) {
            ServiceCommand.giveData(data);
        }
        Process started = launch();
        await("the service is ready")
                .atMost(READY_WITHIN)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    assertThat(started.isAlive()).as(this::everythingPrinted).isTrue();
                    return output().contains("Bactrian is ready");
                });
    }

    /** Starts a process that is expected to refuse, and gives its status. */
    int startInVain() {
        return statusWithin(launch(), READY_WITHIN);
    }

    /** Waits until the process ends by itself, and gives its status. */
    int awaitEnd(Duration limit) {
        Process running = process;
        assertThat(running).as("the process that was started").isNotNull();
        assert running != null;
        return statusWithin(running, limit);
    }

    /** A copy of {@code routes/} in which a text is another, in all files that have it. */
    Path routes(String text, String replacement) {
        Path copy = logs.resolve("routes");
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            empty(copy);
            int changed = 0;
            for (Path file : files.toList()) {
                String content = Files.readString(file);
                changed += content.contains(text) ? 1 : 0;
                Files.writeString(copy.resolve(file.getFileName()), content.replace(text, replacement));
            }
            assertThat(changed).as("files of routes/ that have " + text).isPositive();
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The value of a metric, at the management port. */
    double metric(String name) {
        try (ServiceClient management =
                new ServiceClient(URI.create("http://127.0.0.1:" + setting("MANAGEMENT_SERVER_PORT")))) {
            return management
                    .get("/actuator/metrics/" + name, "")
                    .at("/measurements/0/value")
                    .asDouble();
        }
    }

    /** Ends the process as a power cut would: nothing in it runs any more. */
    void kill() {
        Process running = running();
        running.destroyForcibly();
        statusWithin(running, STOPPED_WITHIN);
    }

    /** Asks the process to stop, as a service manager does, and gives its status. */
    int terminate() {
        Process running = running();
        running.destroy();
        return statusWithin(running, STOPPED_WITHIN);
    }

    /** What the last start printed to standard output. */
    String output() {
        return read(logs.resolve("out-" + starts));
    }

    /** Warnings, errors and stack traces that the last start printed, but for what the broker forgets of a killed process. */
    List<String> alarms() {
        return output().lines()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.startsWith("\tat "))
                .filter(line -> !line.contains("AMQ142015: Uncommitted transaction"))
                .toList();
    }

    /** What the last start printed to standard error. */
    String errors() {
        return read(logs.resolve("err-" + starts));
    }

    private String everythingPrinted() {
        return "It printed:\n" + output() + errors();
    }

    /** The processes that the service has started and that have to do with browsers: drivers, Chromium and its helpers. */
    List<ProcessHandle> browsers() {
        return running()
                .descendants()
                .filter(handle ->
                        BROWSER.matcher(handle.info().command().orElse("")).find())
                .toList();
    }

    /** The time of the processor that the service itself has taken since it started. */
    Duration processorTime() {
        return running().info().totalCpuDuration().orElseThrow();
    }

    /** The PostgreSQL processes that run on this node's data. */
    List<ProcessHandle> postgres() {
        return ProcessHandle.allProcesses()
                .filter(handle -> handle.info()
                        .commandLine()
                        .orElse("")
                        .contains(data.resolve("postgres").toString()))
                .toList();
    }

    /** Stops whatever still runs here, the database that a killed process has left behind included. */
    @Override
    public void close() {
        Process running = process;
        if (running != null && running.isAlive()) {
            running.destroy();
            if (!endsWithin(running, STOPPED_WITHIN)) {
                running.destroyForcibly();
            }
        }
        List<ProcessHandle> left = postgres();
        left.forEach(ProcessHandle::destroy);
        await("PostgreSQL has stopped")
                .atMost(STOPPED_WITHIN)
                .until(() -> left.stream().noneMatch(ProcessHandle::isAlive));
    }

    /**
     * What a command has come to.
     *
     * @param output what it printed to standard output
     * @param errors what it printed to standard error
     */
    record Finished(int status, String output, String errors) {}

    /** Runs another command of the launcher with this node's settings, and waits for its end. */
    Finished command(String... words) {
        Path output = logs.resolve("command-out");
        Path errors = logs.resolve("command-err");
        int status = statusWithin(launch(output, errors, words), READY_WITHIN);
        return new Finished(status, read(output), read(errors));
    }

    private Process launch() {
        starts++;
        Process started = launch(logs.resolve("out-" + starts), logs.resolve("err-" + starts), "up");
        process = started;
        return started;
    }

    private Process launch(Path output, Path errors, String... words) {
        ProcessBuilder builder = new ProcessBuilder(ServiceCommand.of(List.of(), words));
        builder.environment()
                .keySet()
                .removeIf(name ->
                        name.startsWith("BACTRIAN_") || name.startsWith("SPRING_") || name.startsWith("SERVER_"));
        builder.environment().putAll(settings);
        builder.redirectOutput(output.toFile());
        builder.redirectError(errors.toFile());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process running() {
        Process running = process;
        assertThat(running).as("the process that was started").isNotNull();
        assert running != null;
        assertThat(running.isAlive()).as(this::everythingPrinted).isTrue();
        return running;
    }

    private int statusWithin(Process ending, Duration limit) {
        boolean ended = endsWithin(ending, limit);
        if (!ended) {
            ending.destroyForcibly();
        }
        assertThat(ended)
                .as(() -> "the process ends within " + limit + ". " + everythingPrinted())
                .isTrue();
        return ending.exitValue();
    }

    private static boolean endsWithin(Process ending, Duration limit) {
        try {
            return ending.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void empty(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
