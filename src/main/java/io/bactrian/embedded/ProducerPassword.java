package io.bactrian.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The password of the broker's user {@code producer} that is made at the first start, in a file that its owner alone can read. */
final class ProducerPassword {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerPassword.class);
    private static final int BYTES = 24;

    private ProducerPassword() {}

    /**
     * Reads the password, made where there is none yet.
     *
     * @throws StartupRefusedException when its file can be neither read nor written
     */
    static String at(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
                LOG.info("The broker's user \"producer\" has a password, in the file {}", file);
            }
            String password = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (password.isEmpty()) {
                throw new StartupRefusedException(
                        "The file %s is empty. Write a password for the broker's user \"producer\" into it, or delete it, and one is made."
                                .formatted(file));
            }
            return password;
        } catch (IOException e) {
            throw new StartupRefusedException(
                    "The file %s can be neither read nor written (%s). Give this user the right to."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static void make(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, random() + "\n", StandardCharsets.UTF_8);
    }

    /** A password that nobody guesses. */
    static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
