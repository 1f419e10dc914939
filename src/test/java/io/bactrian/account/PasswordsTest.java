package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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
    void aStormOfSignInsLeavesTheThreadsOfOtherRequestsAlone() throws Exception {
        Stubborn stubborn = new Stubborn();
        try (Passwords passwords = new Passwords(stubborn, 1_000);
                ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            stubborn.busy = true;
            List<Future<?>> logins = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String password = "password " + i;
                logins.add(requests.submit(() -> passwords.matches(password, hashOf(password))));
            }

            String answer = requests.submit(() -> "another request").get(30, TimeUnit.SECONDS);

            assertThat(answer).isEqualTo("another request");
            assertThat(logins).noneMatch(Future::isDone);
            stubborn.busy = false;
            for (Future<?> login : logins) {
                login.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(stubborn.most.get())
                .isEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    @Test
    void whatTheQueueCannotTakeIsRefused() throws Exception {
        Stubborn stubborn = new Stubborn();
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        try (Passwords passwords = new Passwords(stubborn, 3);
                ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            stubborn.busy = true;
            List<Future<?>> logins = new ArrayList<>();
            for (int i = 0; i < threads + 3 + 5; i++) {
                logins.add(requests.submit(() -> passwords.hash("a password")));
            }
            await().until(() -> logins.stream().filter(Future::isDone).count() == 5);
            assertThat(logins.stream().filter(Future::isDone))
                    .allSatisfy(refused -> assertThat(refused.exceptionNow()).isInstanceOf(SignInBusyException.class));
            stubborn.busy = false;
            await().until(() -> logins.stream().allMatch(Future::isDone));
        }
    }

    private static String hashOf(String password) {
        return "hash of " + password;
    }

    /** Keeps its processor busy for as long as it is told to. */
    private static final class Stubborn implements PasswordEncoder {
        private final AtomicInteger present = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        volatile boolean busy;

        @Override
        public String encode(CharSequence password) {
            most.accumulateAndGet(present.incrementAndGet(), Math::max);
            try {
                while (busy) {
                    Thread.onSpinWait();
                }
                return "hash of " + password;
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
