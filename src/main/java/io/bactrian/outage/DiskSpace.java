package io.bactrian.outage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * The free space on the disk of the data directory.
 *
 * <p>Below {@code bactrian.disk.least-free} no new work is accepted and no message is taken from a queue. A database or a journal
 * that cannot be written would stop with less to say, and not always start again.
 */
@Component
public class DiskSpace {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);

    private final Path directory;
    private final DataSize leastFree;

    DiskSpace(
            @Value("${bactrian.data-directory}") Path directory,
            @Value("${bactrian.disk.least-free}") DataSize leastFree) {
        this.directory = directory.toAbsolutePath().normalize();
        this.leastFree = leastFree;
    }

    /** Whether there is less than has to stay free. */
    public boolean isShort() {
        try {
            return Files.getFileStore(directory).getUsableSpace() < leastFree.toBytes();
        } catch (IOException e) {
            LOG.warn("The free space on the disk of {} cannot be read", directory, e);
            return false;
        }
    }

    /**
     * Lets new work in.
     *
     * @throws DiskFullException where there is no room for it
     */
    public void requireRoom() {
        if (isShort()) {
            throw new DiskFullException();
        }
    }

    /** What an operator is told. */
    String shortage() {
        return "Less than %d MB are free on the disk of %s".formatted(leastFree.toMegabytes(), directory);
    }
}
