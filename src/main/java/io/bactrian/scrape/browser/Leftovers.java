package io.bactrian.scrape.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The processes and temporary directories of the browsers of this service, written down so that whoever starts next on the
 * same data can remove what a killed one has left.
 *
 * <p>Each service has a directory named by its process id and start time, and in it, for each browser, a directory for
 * temporary files and a list of processes, a line each: id and start time.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    /** Below it, Chromium's socket has a path that the system takes. */
    private static final int LONGEST_PATH = 60;

    private static final int LONGEST_COMMAND_LINE = 128 * 1024;
    private static final String PREFIX = "bactrian-browser-";
    private static final String PROCESSES = ".processes";

    private final Path all;
    private final Path own;
    private final AtomicInteger last = new AtomicInteger();

    /** @param directory where every service on the same data keeps its own */
    Leftovers(Path directory) {
        this.all = directory.toAbsolutePath().normalize();
        this.own = all.resolve(identity(ProcessHandle.current()));
    }

    /** The files of one browser. */
    record Belongings(Path temporary, Path processes) {}

    /** Makes the directory of another browser. */
    Belongings add() {
        try {
            Files.createDirectories(own);
            String name = String.valueOf(last.incrementAndGet());
            Path temporary = own.resolve(name);
            if (temporary.toString().length() > LONGEST_PATH) {
                temporary = Files.createTempDirectory(PREFIX);
            } else {
                FileSystemUtils.deleteRecursively(temporary);
                Files.createDirectory(temporary);
            }
            Belongings belongings = new Belongings(temporary, own.resolve(name + PROCESSES));
            Files.writeString(belongings.processes(), temporary + "\n");
            return belongings;
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "The data directory cannot be written, so no browser can be started.", failure);
        }
    }

    /** Writes down the processes of a browser. */
    void record(Belongings belongings, Collection<ProcessHandle> processes) {
        StringBuilder lines = new StringBuilder(belongings.temporary() + "\n");
        processes.forEach(process -> lines.append(identity(process)).append('\n'));
        try {
            Files.writeString(belongings.processes(), lines);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Deletes the files of a browser whose processes are gone. */
    void remove(Belongings belongings) {
        try {
            FileSystemUtils.deleteRecursively(belongings.temporary());
            Files.deleteIfExists(belongings.processes());
        } catch (IOException failure) {
            // The next start tries again.
            LOG.warn("The temporary files of a browser in {} could not be deleted", belongings.temporary(), failure);
        }
    }

    /** Deletes the directory of this service when its browsers are gone. */
    void close() {
        try {
            if (Files.isDirectory(own) && isEmpty(own)) {
                Files.delete(own);
            }
        } catch (IOException failure) {
            LOG.warn("The directory {} could not be deleted", own, failure);
        }
    }

    /** Kills the browsers of services that are no more, and deletes their files. */
    void clean() {
        for (Path directory : list(all)) {
            String name = directory.getFileName().toString();
            if (Files.isDirectory(directory) && process(name).isEmpty()) {
                LOG.info("Removing what is left of the browsers of a service that was killed, in {}", directory);
                list(directory).stream()
                        .filter(file -> file.toString().endsWith(PROCESSES))
                        .forEach(this::cleanBrowser);
                delete(directory);
            }
        }
    }

    private void cleanBrowser(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            lines.stream().skip(1).flatMap(line -> process(line).stream()).forEach(process -> {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            });
            Optional<Path> temporary = lines.stream().findFirst().map(Path::of);
            temporary.ifPresent(Leftovers::killWhatRunsIn);
            temporary
                    .filter(path -> path.startsWith(all)
                            || path.getFileName().toString().startsWith(PREFIX))
                    .ifPresent(Leftovers::delete);
        } catch (IOException | IllegalArgumentException unreadable) {
            LOG.warn("The list of processes {} cannot be read", file, unreadable);
        }
    }

    /** A process that outlived the one that started it has nobody whose descendant it is; it has its temporary directory. */
    private static void killWhatRunsIn(Path temporary) {
        String path = temporary.toString();
        ProcessHandle.allProcesses()
                .filter(process -> mentions(process.pid(), "cmdline", path) || mentions(process.pid(), "environ", path))
                .forEach(ProcessHandle::destroyForcibly);
    }

    /** Read where the system has it, for Java does not tell long command lines, and no environment. */
    private static boolean mentions(long pid, String file, String path) {
        try (InputStream in = Files.newInputStream(Path.of("/proc", String.valueOf(pid), file))) {
            String text = new String(in.readNBytes(LONGEST_COMMAND_LINE), StandardCharsets.UTF_8);
            return text.contains(path + "/") || text.contains(path + "\0");
        } catch (IOException goneOrAnothers) {
            return false;
        }
    }

    private static String identity(ProcessHandle process) {
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start;
    }

    /** The process of that identity if it lives; another one may have got its id by now. */
    private static Optional<ProcessHandle> process(String identity) {
        int dash = identity.indexOf('-');
        try {
            return ProcessHandle.of(Long.parseLong(identity.substring(0, Math.max(0, dash))))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> identity(process).equals(identity));
        } catch (NumberFormatException anotherFile) {
            return Optional.empty();
        }
    }

    private static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException unreadable) {
            LOG.warn("The directory {} cannot be read", directory, unreadable);
            return List.of();
        }
    }

    private static boolean isEmpty(Path directory) {
        return list(directory).isEmpty();
    }

    private static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException failure) {
            LOG.warn("The directory {} could not be deleted", directory, failure);
        }
    }
}
