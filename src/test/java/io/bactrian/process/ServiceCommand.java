package io.bactrian.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.springframework.util.FileSystemUtils;

/**
 * The command that starts the service in a JVM of its own, fast rather than for long.
 *
 * <p>Like the launcher it takes the classes from a jar, and from an archive of the JVM that a trial start has written. The first
 * test that asks makes both, for those that run beside it and for later runs of the same classes. A JVM that cannot use the
 * archive starts without it, only slower. What the trial start has made of an empty data directory is kept too: see
 * {@link #giveData}.
 */
final class ServiceCommand {
    private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();
    private static final Path DIRECTORY = Path.of("target", "service").toAbsolutePath();
    private static final Path JAR = DIRECTORY.resolve("classes.jar");
    private static final Path ARCHIVE = DIRECTORY.resolve("classes.jsa");
    private static final Path DATA = DIRECTORY.resolve("data");
    private static final long TRIAL_MINUTES = 3;

    private static final List<String> OPTIONS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            // It lives for seconds: starting fast matters more than running fast.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-XX:+ExitOnOutOfMemoryError");

    private static boolean made;

    private ServiceCommand() {}

    /**
     * The words that start a command of the launcher.
     *
     * @param options of the JVM, beside those that make it start fast
     */
    static List<String> of(List<String> options, String... words) {
        make();
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-Xlog:cds=off", "-Xlog:aot=off"));
        return java(all, words);
    }

    /**
     * Fills a data directory that does not exist with what a first start makes of one: the database with its tables, and the
     * keys. A start with it is no first start, and a third faster.
     */
    static void giveData(Path directory) {
        make();
        try {
            Files.createDirectories(directory);
            for (String part : List.of("keys", "postgres")) {
                copy(DATA.resolve(part), directory.resolve(part));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the permissions, which PostgreSQL looks at. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static List<String> java(List<String> options, String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), "io.bactrian.Bactrian"));
        command.addAll(List.of(words));
        return command;
    }

    private static String classPath() {
        Stream<Path> libraries = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .filter(Files::isRegularFile);
        return Stream.concat(Stream.of(JAR), libraries)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Unless another JVM, or an earlier one, has made them of the same. */
    private static synchronized void make() {
        if (made) {
            return;
        }
        try {
            Files.createDirectories(DIRECTORY);
            try (FileChannel channel = FileChannel.open(
                            DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Path note = DIRECTORY.resolve("made-of");
                String present = String.join(" ", java(List.of())) + System.lineSeparator() + classes();
                if (lock.isValid()
                        && !(Files.exists(note) && Files.readString(note).equals(present))) {
                    Files.deleteIfExists(note);
                    Files.deleteIfExists(ARCHIVE);
                    pack();
                    archive();
                    Files.writeString(note, present);
                }
            }
            made = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each file of the classes with its time. */
    private static String classes() throws IOException {
        StringBuilder listed = new StringBuilder();
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.sorted().toList()) {
                listed.append(file)
                        .append(' ')
                        .append(Files.getLastModifiedTime(file))
                        .append(System.lineSeparator());
            }
        }
        return listed.toString();
    }

    private static void pack() throws IOException {
        try (OutputStream file = Files.newOutputStream(JAR);
                JarOutputStream jar = new JarOutputStream(file);
                Stream<Path> files = Files.walk(CLASSES)) {
            jar.setLevel(Deflater.NO_COMPRESSION);
            for (Path each :
                    files.filter(each -> !each.equals(CLASSES)).sorted().toList()) {
                String name = CLASSES.relativize(each).toString().replace(File.separatorChar, '/');
                jar.putNextEntry(new ZipEntry(Files.isDirectory(each) ? name + "/" : name));
                if (Files.isRegularFile(each)) {
                    Files.copy(each, jar);
                }
                jar.closeEntry();
            }
        }
    }

    private static void archive() throws IOException {
        FileSystemUtils.deleteRecursively(DATA);
        ProcessBuilder builder = new ProcessBuilder(java(List.of("-XX:ArchiveClassesAtExit=" + ARCHIVE), "trial"))
                .redirectErrorStream(true)
                .redirectOutput(DIRECTORY.resolve("trial.log").toFile());
        for (String port :
                List.of("SERVER_PORT", "MANAGEMENT_SERVER_PORT", "BACTRIAN_POSTGRES_PORT", "BACTRIAN_BROKER_PORT")) {
            builder.environment().put(port, "0");
        }
        builder.environment().put("BACTRIAN_DATA_DIRECTORY", DATA.toString());
        builder.environment()
                .put(
                        "BACTRIAN_POSTGRES_BINARIES",
                        Path.of("target", "postgres-binaries").toAbsolutePath().toString());
        Process trial = builder.start();
        try {
            if (!trial.waitFor(TRIAL_MINUTES, TimeUnit.MINUTES) || trial.exitValue() != 0) {
                trial.destroyForcibly();
                throw new IllegalStateException(
                        "The trial start failed: " + Files.readString(DIRECTORY.resolve("trial.log")));
            }
        } catch (InterruptedException e) {
            trial.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
