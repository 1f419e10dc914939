package io.bactrian.webhook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;

/**
 * The files that are being delivered, each for the time of one attempt, in {@code deliveries} under
 * {@code bactrian.data-directory}, readable by their owner alone.
 */
@Service
public final class DeliveryFiles {
    /** No attempt takes so long, so that an older file was left behind by a process that died. */
    private static final Duration LEFT_BEHIND = Duration.ofHours(1);

    private final Path directory;
    private final Clock clock;

    DeliveryFiles(@Value("${bactrian.data-directory:var}") String dataDirectory, Clock clock) {
        this.directory = Path.of(dataDirectory, "deliveries").toAbsolutePath();
        this.clock = clock;
    }

    /** A new, empty file. */
    Path create() throws IOException {
        Files.createDirectories(directory, ownerOnly());
        return Files.createTempFile(directory, "delivery-", ".tmp");
    }

    void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("The file of a delivery cannot be deleted: " + file, e);
        }
    }

    /** Deletes what processes that died have left behind; other nodes may be using the rest. */
    public void deleteLeftBehind() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Instant before = clock.instant().minus(LEFT_BEHIND);
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.toList();
        }
        for (Path file : files) {
            try {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException gone) {
                // Its delivery has just ended.
            }
        }
    }

    private FileAttribute<?>[] ownerOnly() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
