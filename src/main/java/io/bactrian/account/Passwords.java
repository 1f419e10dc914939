package io.bactrian.account;

import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords with Argon2id (RFC 9106), 19 MiB and two passes each, as OWASP advises.
 *
 * <p>At most two are hashed at once and others wait, so that a storm of sign-ins takes neither all memory nor all processors.
 */
@Component
final class Passwords {
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int PARALLELISM = 1;
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int AT_ONCE = 2;

    private final Semaphore permits = new Semaphore(AT_ONCE, true);
    private final PasswordEncoder encoder;
    private final String hashOfNothing;

    @Autowired
    Passwords() {
        this(new Argon2PasswordEncoder(SALT_BYTES, HASH_BYTES, PARALLELISM, MEMORY_KIB, ITERATIONS));
    }

    Passwords(PasswordEncoder encoder) {
        this.encoder = encoder;
        this.hashOfNothing = encoder.encode(UUID.randomUUID().toString());
    }

    String hash(String password) {
        return limited(() -> encoder.encode(password));
    }

    /**
     * Whether the password belongs to the hash. Takes as long when there is no hash, or when no account can have such a
     * password, so that the time of the answer tells nothing.
     */
    boolean matches(String password, @Nullable String hash) {
        if (hash == null || !RegistrationRules.isPassword(password)) {
            limited(() -> encoder.matches("no password", hashOfNothing));
            return false;
        }
        return limited(() -> encoder.matches(password, hash));
    }

    private <T> T limited(Supplier<T> work) {
        permits.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            permits.release();
        }
    }
}
