package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

class PasswordsTest {
    @Test
    void onlyThePasswordMatchesItsHash() {
        Passwords passwords = new Passwords();
        String hash = passwords.hash("correct horse");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(passwords.hash("correct horse")).isNotEqualTo(hash);
        assertThat(passwords.matches("correct horse", hash)).isTrue();
        assertThat(passwords.matches("correct hoarse", hash)).isFalse();
        assertThat(passwords.matches("correct horse", null)).isFalse();
        assertThat(passwords.matches("correct horse", "damaged")).isFalse();
    }

    @Test
    void noMoreThanTwoAreHashedAtOnce() {
        Gauge gauge = new Gauge();
        Passwords passwords = new Passwords(gauge);
        List<Future<?>> logins = new ArrayList<>();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                String password = "password " + i;
                logins.add(threads.submit(() -> passwords.hash(password)));
                logins.add(threads.submit(() -> passwords.matches(password, "hash")));
                logins.add(threads.submit(() -> passwords.matches(password, null)));
            }
        }

        assertThat(logins).allMatch(login -> login.state() == Future.State.SUCCESS);
        assertThat(gauge.most.get()).isBetween(1, 2);
    }

    /** Counts how many threads are hashing. */
    private static final class Gauge implements PasswordEncoder {
        private final PasswordEncoder encoder = new Argon2PasswordEncoder(16, 32, 1, 1024, 1);
        private final AtomicInteger present = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        @Override
        public String encode(CharSequence password) {
            most.accumulateAndGet(present.incrementAndGet(), Math::max);
            try {
                return encoder.encode(password);
            } finally {
                present.decrementAndGet();
            }
        }

        @Override
        public boolean matches(CharSequence password, String hash) {
            return encode(password).equals(hash);
        }
    }
}
