import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One node of the service: a JVM that is started, watched, killed and started again. */
final class SoakNode implements AutoCloseable {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Pattern BROWSER = Pattern.compile("/[^/]*(?:chrom|headless_shell)[^/]*$");
    private static final long TICKS_PER_SECOND = 100;
    private static final Duration READY_WITHIN = Duration.ofMinutes(3);

    final int number;
    final URI address;

    private final Path work;
    private final Map<String, String> settings;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();
    private volatile Process process;
    private volatile boolean ready;
    private boolean closed;
    private int starts;

    SoakNode(int number, Path work, int port, Map<String, String> shared) throws IOException {
        this.number = number;
        this.work = Files.createDirectories(work.resolve("node-" + number));
        this.address = URI.create("http://127.0.0.1:" + port);
        this.settings = new HashMap<>(shared);
        settings.put("BACTRIAN_DATA_DIRECTORY", this.work.resolve("data").toAbsolutePath().toString());
        settings.put("SERVER_PORT", Integer.toString(port));
        settings.put("MANAGEMENT_SERVER_PORT", Integer.toString(port + 1));
        settings.put("BACTRIAN_POSTGRES_PORT", Integer.toString(port + 2));
        settings.put("BACTRIAN_BROKER_PORT", Integer.toString(port + 3));
    }

    /** Starts the process and does not wait for it. */
    synchronized void start() throws IOException {
        if (closed) {
            throw new IllegalStateException("The soak is being ended.");
        }
        starts++;
        ready = false;
        Path log = work.resolve("log-" + starts + ".txt");
        process = launch(log, "up");
    }

    private Process launch(Path log, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("bactrian.soak.service").replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
                "io.bactrian.Bactrian"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("BACTRIAN_") || name.startsWith("SPRING_") || name.startsWith("SERVER_"));
        builder.environment().putAll(settings);
        return builder.start();
    }

    /** Waits until the node serves; gives the milliseconds since it was started, or -1 where it does not come up. */
    long awaitReady() throws InterruptedException {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < READY_WITHIN.toNanos()) {
            if (!isAlive()) {
                return -1;
            }
            // Whether it is healthy is another question, which is asked all the time.
            if (status("/docs", Duration.ofSeconds(5)) == 200) {
                ready = true;
                return (System.nanoTime() - begun) / 1_000_000;
            }
            Thread.sleep(250);
        }
        return -1;
    }

    /** Whether it has been ready since its last start, and lives. */
    boolean isUp() {
        return ready && isAlive();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** The status of the answer to a GET, or 0 where there is none. */
    int status(String path, Duration limit) {
        try {
            return http.send(HttpRequest.newBuilder(address.resolve(path)).timeout(limit).build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** Ends the process as a power cut would, and gives what it leaves behind: its drivers and browsers. */
    List<ProcessHandle> kill() throws InterruptedException {
        ready = false;
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly().waitFor();
        return descendants;
    }

    /** Asks the process to stop, and gives the milliseconds that it took; -1 where it had to be killed. */
    long terminate(Duration limit) throws InterruptedException {
        long begun = System.nanoTime();
        ready = false;
        process.destroy();
        if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            return (System.nanoTime() - begun) / 1_000_000;
        }
        process.destroyForcibly().waitFor();
        return -1;
    }

    /** The Chromium processes of the node. */
    List<ProcessHandle> browsers() {
        return isAlive()
                ? process.descendants().filter(handle -> BROWSER.matcher(handle.info().command().orElse("")).find()).toList()
                : List.of();
    }

    /** Runs another command of the launcher beside the nodes; its status, and what it printed. */
    Map.Entry<Integer, String> command(String... words) throws IOException, InterruptedException {
        Path log = work.resolve("command.txt");
        Process command = launch(log, words);
        if (!command.waitFor(3, TimeUnit.MINUTES)) {
            command.destroyForcibly().waitFor();
        }
        return Map.entry(command.exitValue(), Files.readString(log));
    }

    /** Lines in the node's logs. */
    long logged() throws IOException {
        long lines = 0;
        for (int i = 1; i <= starts; i++) {
            Path log = work.resolve("log-" + i + ".txt");
            try (Stream<String> all = Files.lines(log, StandardCharsets.ISO_8859_1)) {
                lines += all.count();
            }
        }
        return lines;
    }

    long residentMegabytes() {
        return field("status", "VmRSS:") >> 10;
    }

    long threads() {
        return field("status", "Threads:");
    }

    /** The seconds of processor time so far. */
    double processorSeconds() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_PER_SECOND;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    private long field(String file, String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), file))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException | RuntimeException e) {
            // The process ends while it is looked at.
        }
        return 0;
    }

    /** Ends the process for good: nobody starts it again, as whoever restarts killed nodes would. */
    @Override
    public synchronized void close() {
        closed = true;
        if (isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        http.shutdownNow();
    }
}
