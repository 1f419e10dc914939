package io.bactrian.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The directory that keeps a node's state between starts, held by one process at a time. */
final class DataDirectory implements AutoCloseable {
    /** The least free space to start with; below it PostgreSQL and the journal would soon stop with worse messages. */
    static final long LEAST_FREE_BYTES = 256L * 1024 * 1024;

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DataDirectory(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the directory for this process, creating it when it is missing.
     *
     * @throws StartupRefusedException when another process has it, it cannot be written, or the disk is full
     */
    static DataDirectory take(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        try {
            create(path);
            long free = Files.getFileStore(path).getUsableSpace();
            if (free < LEAST_FREE_BYTES) {
                throw new StartupRefusedException(
                        "Only %d MB are free on the disk of %s, and Bactrian needs at least %d MB to start. Free some space, or set BACTRIAN_DATA_DIRECTORY to a directory on another disk."
                                .formatted(free >> 20, path, LEAST_FREE_BYTES >> 20));
            }
            FileChannel channel = FileChannel.open(
                    path.resolve("bactrian.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new StartupRefusedException(
                        "Another Bactrian is already running on %s. Stop it first, or set BACTRIAN_DATA_DIRECTORY and the ports to others for a second one."
                                .formatted(path));
            }
            return new DataDirectory(path, channel, lock);
        } catch (IOException e) {
            throw new StartupRefusedException(
                    "The data directory %s cannot be written (%s). Give this user the right to write there, or set BACTRIAN_DATA_DIRECTORY to another directory."
                            .formatted(path, reason(e)),
                    e);
        }
    }

    /** These exceptions have only the path for a message. */
    private static @Nullable String reason(IOException failure) {
        return switch (failure) {
            case FileAlreadyExistsException e -> "it is a file";
            case AccessDeniedException e -> "access is denied";
            default -> failure.getMessage();
        };
    }

    /** A new directory is this user's alone: it will have keys and a database that trusts local connections. */
    private static void create(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        Files.createDirectories(path);
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    Path resolve(String child) {
        return path.resolve(child);
    }

    /** @throws StartupRefusedException when something already listens on the port */
    static void requireFree(String purpose, String variable, InetAddress address, int port) {
        if (port == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
        } catch (IOException inUse) {
            throw new StartupRefusedException(portInUse(purpose, variable, port), inUse);
        }
    }

    /** @param variable what sets another port */
    static String portInUse(String purpose, String variable, int port) {
        return "Port %d, which %s needs, is in use by another program. Stop that program, or set %s to another port."
                .formatted(port, purpose, variable);
    }

    /** Whether a PostgreSQL that an earlier, killed process left behind on this data still serves the port. */
    boolean hasPostgresOn(int port) {
        return postgresPort(path).equals(OptionalInt.of(port));
    }

    /** The port of the PostgreSQL that runs on a directory's data, whoever has started it. */
    static OptionalInt postgresPort(Path directory) {
        if (postgres(directory).isEmpty()) {
            return OptionalInt.empty();
        }
        return postmasterFile(directory).stream()
                .skip(3)
                .limit(1)
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    /** The PostgreSQL that runs on this data, started by this process or left behind by a killed one. */
    Optional<ProcessHandle> postgres() {
        return postgres(path);
    }

    private static Optional<ProcessHandle> postgres(Path directory) {
        return postmasterFile(directory).stream()
                .findFirst()
                .map(Long::valueOf)
                .flatMap(ProcessHandle::of)
                // After a restart of the machine the id may be another program's.
                .filter(process -> process.info().command().orElse("").contains("postgres"));
    }

    /** The lines of PostgreSQL's own {@code postmaster.pid}: its process id first, its port fourth. */
    private static List<String> postmasterFile(Path directory) {
        Path file = directory.resolve("postgres").resolve("postmaster.pid");
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream().map(String::strip).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
