package io.bactrian.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Empties a data directory that nobody uses, for a start from nothing. */
public final class DataDirectoryCleaner {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private DataDirectoryCleaner() {}

    /**
     * Removes everything in the directory, after stopping a PostgreSQL that a killed process left behind on it.
     *
     * @throws io.bactrian.BactrianException when another process uses the directory, or it cannot be emptied
     */
    public static void clean(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        // Refuses where a service is running on it.
        try (DataDirectory data = DataDirectory.take(directory)) {
            data.postgres().ifPresent(DataDirectoryCleaner::stop);
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new StartupRefusedException(
                    "%s cannot be emptied (%s). Remove it, or stop what uses it.".formatted(directory, e.getMessage()),
                    e);
        }
    }

    /** Stops a PostgreSQL that nobody is connected to any more. */
    static void stop(ProcessHandle postgres) {
        postgres.destroy();
        try {
            postgres.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new StartupRefusedException(
                    "The PostgreSQL that an earlier run left behind (process %d) does not stop. End it, and start again."
                            .formatted(postgres.pid()),
                    e);
        }
    }
}
