package io.bactrian.api;

import io.bactrian.InvalidInputException;
import io.bactrian.api.contract.Operation;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Reads the bodies of requests, and bounds what all of them take of this node at once.
 *
 * <p>A body is in memory up to 256 KB, and in a file beyond: what a slow client sends waits on the disk. A large
 * body comes into memory when it is whole, and waits for its turn for that, so that large ones take no room from small ones. The
 * room is taken for as long as the request is worked on.
 */
@Component
final class RequestBodies {
    /** Bytes of a body at most. */
    static final int LIMIT = 16 << 20;

    /** The same where nobody has to say who they are: credentials are small. */
    static final int OPEN_LIMIT = 64 << 10;

    /** Bytes of a signed body: an invoice of a hundred lines is an event of about this size. */
    static final int SIGNED_LIMIT = 256 << 10;

    /** Bytes from which on a body comes into a file. */
    private static final int SMALL = 256 << 10;

    private static final int STEP = 8 << 10;
    private static final int PARTS = 8;
    private static final int KILOBYTE = 1 << 10;

    /** How long a large body waits for room in memory. */
    private static final int PATIENCE_SECONDS = 10;

    private final SharedBudget memory;
    private final SharedBudget files;
    private final Semaphore largeKilobytes;
    private final long leastRate;
    private final Path directory;

    RequestBodies(BodyProperties properties, @Value("${bactrian.data-directory:var}") String dataDirectory) {
        long bytes = Math.max(properties.memory().toBytes(), LIMIT);
        this.memory = new SharedBudget(bytes, bytes / PARTS);
        this.largeKilobytes = new Semaphore(Math.toIntExact(bytes / KILOBYTE), true);
        long onDisk = properties.files().toBytes();
        this.files = new SharedBudget(Math.max(onDisk, LIMIT), Math.max(onDisk / PARTS, LIMIT));
        this.leastRate = properties.leastRate().toBytes();
        this.directory = Path.of(dataDirectory, "bodies").toAbsolutePath();
    }

    /**
     * Reads the body of a request.
     *
     * @param client what the client's addresses have in common
     * @param limit the most bytes that it may have
     * @throws BodyTooLargeException when it is larger than that, before more is read
     * @throws BodiesBusyException when there is no room for it
     * @throws InvalidInputException when it does not come to its end: the client goes away, stops, frames it wrongly or is too
     *     slow
     */
    RequestBody read(ClientRequest request, String client, int limit) {
        BodyPace pace = new BodyPace(leastRate, System::nanoTime);
        byte[] some = new byte[STEP];
        try (Incoming incoming = new Incoming(client);
                InputStream input = request.bodyStream()) {
            for (int read = next(input, some); read >= 0; read = next(input, some)) {
                if (incoming.size + read > limit) {
                    throw new BodyTooLargeException(limit);
                }
                pace.count(read);
                incoming.add(some, read);
            }
            return incoming.whole();
        } catch (IOException e) {
            throw new UncheckedIOException("The body of a request cannot be kept in " + directory, e);
        }
    }

    private static int next(InputStream input, byte[] some) {
        try {
            return input.read(some);
        } catch (IOException incomplete) {
            throw new InvalidInputException("", "The body did not come to its end.");
        }
    }

    /** Bytes that the body of a request for an operation may have. */
    static int limit(Operation operation) {
        if (operation.signed()) {
            return SIGNED_LIMIT;
        }
        return operation.open() ? OPEN_LIMIT : LIMIT;
    }

    /** A body that is coming, and the room that it has taken so far. */
    private final class Incoming implements AutoCloseable {
        private final String client;
        private final ByteArrayOutputStream inMemory = new ByteArrayOutputStream(0);
        private @Nullable FileChannel file;
        private SharedBudget budget = memory;
        private int size;

        Incoming(String client) {
            this.client = client;
        }

        void add(byte[] bytes, int length) throws IOException {
            if (file == null && size + length > SMALL) {
                file = moveToFile();
            }
            take(length);
            size += length;
            if (file == null) {
                inMemory.write(bytes, 0, length);
            } else {
                write(file, ByteBuffer.wrap(bytes, 0, length));
            }
        }

        private FileChannel moveToFile() throws IOException {
            int soFar = size;
            close();
            budget = files;
            take(soFar);
            size = soFar;
            FileChannel channel = unnamedFile();
            write(channel, ByteBuffer.wrap(inMemory.toByteArray()));
            inMemory.reset();
            return channel;
        }

        private void take(int bytes) {
            if (!budget.take(client, bytes)) {
                throw new BodiesBusyException();
            }
        }

        RequestBody whole() throws IOException {
            if (file == null) {
                int bytes = size;
                size = 0;
                return new RequestBody(inMemory.toByteArray(), () -> memory.give(client, bytes));
            }
            int kilobytes = (size + KILOBYTE - 1) / KILOBYTE;
            awaitRoom(kilobytes);
            byte[] bytes = new byte[size];
            read(file, ByteBuffer.wrap(bytes));
            return new RequestBody(bytes, () -> largeKilobytes.release(kilobytes));
        }

        @Override
        public void close() throws IOException {
            budget.give(client, size);
            size = 0;
            if (file != null) {
                file.close();
            }
        }
    }

    private void awaitRoom(int kilobytes) {
        try {
            if (!largeKilobytes.tryAcquire(kilobytes, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new BodiesBusyException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BodiesBusyException();
        }
    }

    /** A file that its directory has forgotten already, so that none is left behind by a process that dies. */
    private FileChannel unnamedFile() throws IOException {
        Files.createDirectories(directory);
        Path path = Files.createTempFile(directory, "body-", ".tmp");
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
        return channel;
    }

    private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private static void read(FileChannel file, ByteBuffer bytes) throws IOException {
        file.position(0);
        while (bytes.hasRemaining()) {
            if (file.read(bytes) < 0) {
                throw new EOFException("The file of a request's body is shorter than what was written.");
            }
        }
    }
}
