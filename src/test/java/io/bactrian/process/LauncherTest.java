package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** Whom {@code ./bactrian} runs the service as. Instead of a JDK it finds a script that says who it is. */
class LauncherTest {
    /** A user that every system has. */
    private static final String ANOTHER = "nobody";

    private final Path checkout =
            Path.of("/tmp", "bactrian-launcher-" + ProcessHandle.current().pid());

    @BeforeEach
    void aCheckoutThatIsBuilt() throws IOException {
        FileSystemUtils.deleteRecursively(checkout);
        Files.createDirectories(checkout.resolve("src").resolve("main"));
        Files.createDirectories(checkout.resolve("routes"));
        Files.createDirectories(checkout.resolve("config"));
        Files.createFile(checkout.resolve("pom.xml"));
        Path launcher = checkout.resolve("bactrian");
        Files.copy(Path.of("bactrian"), launcher);
        Instant built = Instant.now().plusSeconds(60);
        for (Path jar : new Path[] {Path.of("bactrian.jar"), Path.of("bactrian", "bactrian.jar")}) {
            Path file = checkout.resolve("target").resolve(jar);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
            Files.setLastModifiedTime(file, FileTime.from(built));
        }
        Path java = checkout.resolve("jdk").resolve("bin").resolve("java");
        Files.createDirectories(java.getParent());
        Files.writeString(checkout.resolve("jdk").resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        Files.writeString(java, "#!/bin/sh\necho \"user=$(id -u) home=$HOME\"\n");
        Files.copy(java, java.resolveSibling("javac"));
        for (Path program : new Path[] {launcher, java, java.resolveSibling("javac")}) {
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void rootBecomesTheUserThatIsNamedAndGivesItTheData() throws Exception {
        Files.createDirectories(checkout.resolve("var").resolve("postgres"));

        Finished started = launch(Map.of("BACTRIAN_USER", ANOTHER), "ledger", "check");

        String user = isRoot() ? idOf(ANOTHER) : ownId();
        assertThat(started.output()).as(started.errors()).contains("user=" + user);
        if (isRoot()) {
            assertThat(started.output()).contains("home=" + checkout.resolve("var"));
            assertThat(Files.getAttribute(checkout.resolve("var").resolve("postgres"), "unix:uid"))
                    .isEqualTo(Integer.valueOf(user));
        }
    }

    @Test
    void rootStaysRootWhenToldTo() throws Exception {
        Finished started = launch(Map.of("BACTRIAN_USER", "root"), "ledger", "check");

        assertThat(started.output()).as(started.errors()).contains("user=" + ownId());
        assertThat(started.errors()).isEmpty();
    }

    @Test
    void aUserThatDoesNotExistIsRefusedAndNotCreated() throws Exception {
        Finished started = launch(Map.of("BACTRIAN_USER", "no-such-user"), "ledger", "check");

        if (isRoot()) {
            assertThat(started.status()).isEqualTo(1);
            assertThat(started.errors()).contains("there is no such user", "useradd");
        } else {
            assertThat(started.output()).contains("user=" + ownId());
        }
    }

    @Test
    void aCheckoutThatTheUserCannotReadIsSaidSo() throws Exception {
        Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("rwx------"));

        Finished started = launch(Map.of("BACTRIAN_USER", ANOTHER), "ledger", "check");

        if (isRoot()) {
            assertThat(started.status()).isEqualTo(1);
            assertThat(started.errors()).contains("cannot read " + checkout, "BACTRIAN_USER=root");
        } else {
            assertThat(started.output()).contains("user=" + ownId());
        }
    }

    private record Finished(int status, String output, String errors) {}

    private Finished launch(Map<String, String> settings, String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("./bactrian").directory(checkout.toFile());
        builder.command().addAll(List.of(words));
        builder.environment().putAll(settings);
        builder.environment().put("BACTRIAN_JAVA_HOME", checkout.resolve("jdk").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Finished(process.exitValue(), output, errors);
    }

    private static boolean isRoot() throws IOException {
        return ownId().equals("0");
    }

    private static String ownId() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS)
                .toString();
    }

    private static String idOf(String user) throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields[0].equals(user))
                .map(fields -> fields[2])
                .findFirst()
                .orElseThrow();
    }
}
