package io.bactrian;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Reads along with everything that is printed while the tests run, by this JVM and by the services that it starts, and fails
 * the class in which a secret was: a key of a payment provider or of this service, a secret that events are signed with, a
 * token, or the number of a card.
 *
 * <p>All classes have it, by {@code junit-platform.properties}. It knows secrets by their form, so that no test has to name its own.
 */
public final class NoSecretsInLogs implements BeforeAllCallback, AfterAllCallback {
    private static final Path PROCESSES = Path.of("target", "process");

    private static final Pattern SECRET = Pattern.compile(String.join(
            "|",
            // Stripe's keys, and those of this service's own two APIs.
            "\\b(?:sk|rk|msk)_[a-z]+_[A-Za-z0-9_-]{8,}",
            "\\bwhsec_[A-Za-z0-9+/_-]{8,}",
            // JWTs, of which Lemon Squeezy's keys are.
            "\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
            "\\b4242[ -]?4242[ -]?4242[ -]?4242\\b",
            "lemon-secret-of-",
            "portal-token-of-"));

    private static final FileTime STARTED =
            FileTime.fromMillis(ManagementFactory.getRuntimeMXBean().getStartTime());

    private static final List<String> FOUND = new ArrayList<>();
    private static final Map<Path, Long> READ = new HashMap<>();
    private static boolean installed;

    @Override
    public void beforeAll(ExtensionContext context) {
        install();
    }

    private static synchronized void install() {
        if (!installed) {
            installed = true;
            System.setOut(new PrintStream(new Reading(System.out), true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(new Reading(System.err), true, StandardCharsets.UTF_8));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        readProcesses();
        List<String> found = take();
        if (!found.isEmpty()) {
            throw new AssertionError("%d secrets were logged while %s ran:%n%s"
                    .formatted(
                            found.size(),
                            context.getDisplayName(),
                            String.join(System.lineSeparator(), found.subList(0, Math.min(20, found.size())))));
        }
    }

    private static List<String> take() {
        synchronized (FOUND) {
            List<String> found = List.copyOf(FOUND);
            FOUND.clear();
            return found;
        }
    }

    /** Of the secret only the beginning, or this would log it. */
    static void read(String where, String line) {
        Matcher secret = SECRET.matcher(line);
        if (secret.find()) {
            synchronized (FOUND) {
                FOUND.add("%s: %s… in: %s"
                        .formatted(
                                where,
                                secret.group().substring(0, 6),
                                SECRET.matcher(line).replaceAll("(secret)")));
            }
        }
    }

    /** What the services' processes have printed since it was read last. */
    private static synchronized void readProcesses() {
        if (!Files.isDirectory(PROCESSES)) {
            return;
        }
        try (Stream<Path> files = Files.find(
                PROCESSES,
                2,
                (path, attributes) -> attributes.isRegularFile()
                        && attributes.lastModifiedTime().compareTo(STARTED) >= 0
                        && path.getFileName().toString().matches("(?:out|err)-[0-9]+|command-(?:out|err)"))) {
            for (Path file : files.toList()) {
                long size = Files.size(file);
                if (READ.getOrDefault(file, -1L) != size) {
                    READ.put(file, size);
                    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
                        lines.forEach(line -> read(file.toString(), line));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hands on what is printed, and reads each line. */
    private static final class Reading extends OutputStream {
        private static final int LONGEST = 100_000;

        private final PrintStream target;
        private final StringBuilder line = new StringBuilder();

        Reading(PrintStream target) {
            this.target = target;
        }

        @Override
        public synchronized void write(int character) {
            target.write(character);
            take(character);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            target.write(bytes, offset, length);
            for (int i = offset; i < offset + length; i++) {
                take(bytes[i]);
            }
        }

        private void take(int character) {
            if (character == '\n' || line.length() >= LONGEST) {
                read("this JVM", line.toString());
                line.setLength(0);
            } else {
                line.append((char) (character & 0xff));
            }
        }

        @Override
        public void flush() {
            target.flush();
        }
    }
}
