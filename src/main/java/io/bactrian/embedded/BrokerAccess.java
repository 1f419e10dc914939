package io.bactrian.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * How a command beside the service reaches the embedded broker: a file in the data directory that its owner alone can read, as
 * the keys there are.
 *
 * @param port where the broker listens on loopback
 * @param password of the service's own user, which lives as long as the process
 */
record BrokerAccess(int port, String password) {
    private static final String FILE = "broker-access.properties";

    /** Writes the file for the commands, in place of an earlier one. */
    void write(DataDirectory data) {
        Path file = data.resolve(FILE);
        Properties properties = new Properties();
        properties.setProperty("port", Integer.toString(port));
        properties.setProperty("password", password);
        try {
            Files.deleteIfExists(file);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
                properties.store(writer, "For ./bactrian dead-letters; written at each start.");
            }
        } catch (IOException e) {
            throw new StartupRefusedException(
                    "The file %s cannot be written (%s). Give this user the right to write there."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** What a service has written into a directory, whether it still runs or not. */
    static Optional<BrokerAccess> read(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(new BrokerAccess(
                Integer.parseInt(properties.getProperty("port", "61616")), properties.getProperty("password", "")));
    }

    /** The settings of a client that connects so. */
    Map<String, Object> settings() {
        return Map.of(
                "spring.artemis.user",
                "bactrian",
                "spring.artemis.password",
                password,
                "spring.artemis.broker-url",
                "tcp://127.0.0.1:%d?callTimeout=10000&reconnectAttempts=0&initialConnectAttempts=1".formatted(port));
    }
}
