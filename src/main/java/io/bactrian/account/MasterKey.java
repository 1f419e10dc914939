package io.bactrian.account;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The AES-256 key under which this service keeps what it must be able to read again.
 *
 * <p>It is {@code bactrian.secrets.master-key} (base64 of 32 bytes). Without that, it is kept in {@code keys/master.key} under
 * {@code bactrian.data-directory}, made on the first start, readable by its owner alone. Nodes that share a database need the
 * same key, so they need the property or the directory in common.
 *
 * <p>Keys that were used before can still decrypt: those of {@code bactrian.secrets.previous-master-keys}, or
 * {@code keys/master.key.previous}, which is there while a rotation of the file is under way.
 */
@Component
final class MasterKey {
    private static final int BYTES = 32;
    private static final int MAX_FILE_BYTES = 1024;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    /** Where the key is kept, or null where it is configured. */
    private final @Nullable Path file;

    private volatile SecretKeySpec key;
    private volatile List<SecretKeySpec> previous;

    MasterKey(
            @Value("${bactrian.secrets.master-key:}") String configured,
            @Value("${bactrian.secrets.previous-master-keys:}") List<String> configuredBefore,
            @Value("${bactrian.data-directory:var}") String dataDirectory) {
        List<SecretKeySpec> before = new ArrayList<>();
        for (String base64 : configuredBefore) {
            if (!base64.isBlank()) {
                before.add(parse(base64, "The property bactrian.secrets.previous-master-keys"));
            }
        }
        if (configured.isBlank()) {
            this.file = Path.of(dataDirectory, "keys", "master.key");
            this.key = fromFile(file);
            if (Files.exists(previousOf(file))) {
                before.add(fromFile(previousOf(file)));
            }
        } else {
            this.file = null;
            this.key = parse(configured, "The property bactrian.secrets.master-key");
        }
        this.previous = List.copyOf(before);
    }

    /** What encrypts. */
    SecretKeySpec key() {
        return key;
    }

    /** What may have encrypted before. */
    List<SecretKeySpec> previous() {
        return previous;
    }

    /** Puts a new key in the place of the file's, which is kept as the previous one; a configured key stays as it is. */
    synchronized void renew() {
        // A rotation that did not come to its end goes on with the key that it has made.
        if (file == null || Files.exists(previousOf(file))) {
            return;
        }
        SecretKeySpec old = key;
        try {
            Files.copy(file, previousOf(file), StandardCopyOption.COPY_ATTRIBUTES);
            Path renewed = file.resolveSibling("master.key.new");
            Files.deleteIfExists(renewed);
            key = fromFile(renewed);
            Files.move(renewed, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unusable(file, e);
        }
        List<SecretKeySpec> before = new ArrayList<>(previous);
        before.add(old);
        previous = List.copyOf(before);
    }

    /** Removes the previous key's file, once nothing is encrypted with it any more. */
    synchronized void forgetPrevious() {
        if (file != null) {
            try {
                Files.deleteIfExists(previousOf(file));
            } catch (IOException e) {
                throw unusable(previousOf(file), e);
            }
        }
    }

    private static Path previousOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".previous");
    }

    private static SecretKeySpec parse(String base64, String source) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(source + " is not base64: it must be base64 of 32 random bytes.", e);
        }
        if (bytes.length != BYTES) {
            throw new IllegalStateException(
                    "%s has %d bytes: it must be base64 of 32 random bytes.".formatted(source, bytes.length));
        }
        return new SecretKeySpec(bytes, "AES");
    }

    /**
     * Reads the file, or writes it if it is not there yet. The lock, which closing the channel releases, makes two processes that start at once agree on one key;
     * the monitor does the same inside this one, where a second lock would fail.
     */
    private static synchronized SecretKeySpec fromFile(Path file) {
        try {
            Files.createDirectories(file.getParent(), PosixFilePermissions.asFileAttribute(OWNER_ONLY_DIRECTORY));
            try (FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
                channel.lock();
                Files.setPosixFilePermissions(file, OWNER_ONLY);
                if (channel.size() == 0) {
                    write(channel);
                }
                return parse(read(channel), "The file " + file);
            }
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static UncheckedIOException unusable(Path file, IOException cause) {
        return new UncheckedIOException(
                "The master key %s can be neither read nor written: set bactrian.secrets.master-key, or bactrian.data-directory to a directory that this user may write."
                        .formatted(file.toAbsolutePath()),
                cause);
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_FILE_BYTES);
        channel.read(buffer, 0);
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    private static void write(FileChannel channel) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String line = Base64.getEncoder().encodeToString(random) + "\n";
        ByteBuffer buffer = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        channel.force(true);
    }
}
