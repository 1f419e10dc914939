package io.bactrian.account;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The AES-256 key under which this service keeps what it must be able to read again.
 *
 * <p>It is {@code bactrian.secrets.master-key} (base64 of 32 bytes). Without that, it is kept in {@code keys/master.key} under
 * {@code bactrian.data-directory}, made on the first start, readable by its owner alone. Nodes that share a database need the
 * same key, so they need the property or the directory in common.
 */
@Component
final class MasterKey {
    private static final int BYTES = 32;
    private static final int MAX_FILE_BYTES = 1024;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private final SecretKeySpec key;

    MasterKey(
            @Value("${bactrian.secrets.master-key:}") String configured,
            @Value("${bactrian.data-directory:var}") String dataDirectory) {
        this.key = configured.isBlank()
                ? fromFile(Path.of(dataDirectory, "keys", "master.key"))
                : parse(configured, "The property bactrian.secrets.master-key");
    }

    SecretKeySpec key() {
        return key;
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
            throw new UncheckedIOException(
                    "The master key %s can be neither read nor written: set bactrian.secrets.master-key, or bactrian.data-directory to a directory that this user may write."
                            .formatted(file.toAbsolutePath()),
                    e);
        }
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
