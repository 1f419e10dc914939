package io.bactrian.account;

import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords with Argon2id (RFC 9106), 19 MiB and two passes each, as OWASP advises.
 *
 * <p>Hashing keeps a processor busy for some ten milliseconds. It is done on threads of its own, at most half as many as
 * there are processors, while the requests wait: on their virtual threads a storm of sign-ins would occupy the few threads
 * that carry all requests. What the queue cannot take is refused.
 */
@Component
final class Passwords implements AutoCloseable {
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int PARALLELISM = 1;
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int LONGEST_QUEUE = 256;

    private final PasswordEncoder encoder;
    private final ThreadPoolExecutor hashers;
    private final String hashOfNothing;

    @Autowired
    Passwords() {
        this(new Argon2PasswordEncoder(SALT_BYTES, HASH_BYTES, PARALLELISM, MEMORY_KIB, ITERATIONS), LONGEST_QUEUE);
    }

    Passwords(PasswordEncoder encoder, int longestQueue) {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.encoder = encoder;
        this.hashers = new ThreadPoolExecutor(
                threads,
                threads,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(longestQueue),
                Thread.ofPlatform().name("passwords-", 0).daemon().factory());
        this.hashers.allowCoreThreadTimeOut(true);
        this.hashOfNothing = encoder.encode(UUID.randomUUID().toString());
    }

    /** @throws SignInBusyException if too many wait to be hashed */
    String hash(String password) {
        return hashed(() -> encoder.encode(password));
    }

    /**
     * Whether the password belongs to the hash. Takes as long when there is no hash, or when no account can have such a
     * password, so that the time of the answer tells nothing.
     *
     * @throws SignInBusyException if too many wait to be hashed
     */
    boolean matches(String password, @Nullable String hash) {
        if (hash == null || !RegistrationRules.isPassword(password)) {
            hashed(() -> encoder.matches("no password", hashOfNothing));
            return false;
        }
        return hashed(() -> encoder.matches(password, hash));
    }

    @Override
    public void close() {
        hashers.shutdownNow();
    }

    private <T> T hashed(Callable<T> work) {
        try {
            return hashers.submit(work).get();
        } catch (RejectedExecutionException full) {
            throw new SignInBusyException();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The service stops while a password is hashed.", interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("A password could not be hashed.", failed);
        }
    }
}
