package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SignInAttemptsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final String EMAIL = "victim@example.com";
    private static final String ADDRESS = "192.0.2.1";

    private final SettableClock clock = new SettableClock();
    private final SignInAttempts attempts = node();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @BeforeEach
    void forget() {
        DATABASE.jdbc().sql("delete from sign_in_attempt").update();
    }

    @Test
    void theFifthFailureMakesTheNextWaitAndEachDoublesTheWait() {
        fail(EMAIL, ADDRESS, 5);

        for (long seconds : new long[] {5, 10, 20, 40, 80, 160, 320, 640, 900, 900}) {
            assertThat(waitingTime(EMAIL, "198.51.100.7")).isEqualTo(Duration.ofSeconds(seconds));
            clock.advance(Duration.ofSeconds(seconds));
            attempts.begin(EMAIL, "198.51.100." + seconds % 250);
        }
    }

    @Test
    void anEmailIsTheSameInEveryLetterCase() {
        fail("Victim@Example.com", ADDRESS, 3);
        fail("VICTIM@example.COM", ADDRESS, 2);

        assertThat(waitingTime(EMAIL, ADDRESS)).isPositive();
    }

    @Test
    void anAddressThatTriesManyAccountsHasToWait() {
        for (int account = 0; account < 20; account++) {
            attempts.begin("user" + account + "@example.com", ADDRESS);
        }

        assertThat(waitingTime("one-more@example.com", ADDRESS)).isEqualTo(Duration.ofSeconds(5));
        attempts.begin("one-more@example.com", "192.0.2.2");
    }

    @Test
    void anAttemptThatIsCountedAfterALaterOneIsNotRefusedForThat() {
        attempts.begin("one@example.com", ADDRESS);
        clock.advance(Duration.ofMillis(5));
        attempts.begin("two@example.com", ADDRESS);
        clock.advance(Duration.ofMillis(-3));

        attempts.begin("three@example.com", ADDRESS);
        attempts.succeeded("three@example.com", ADDRESS);
        clock.advance(Duration.ofMillis(-1));
        attempts.begin("four@example.com", ADDRESS);
    }

    @Test
    void aRefusedAttemptCountsForNothing() {
        fail(EMAIL, ADDRESS, 5);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> attempts.begin(EMAIL, ADDRESS)).isInstanceOf(TooManySignInsException.class);
        }

        assertThat(waitingTime(EMAIL, ADDRESS)).isEqualTo(Duration.ofSeconds(5));
        assertThat(DATABASE.jdbc()
                        .sql("select max(attempts) from sign_in_attempt")
                        .query(Integer.class)
                        .single())
                .isEqualTo(5);
    }

    @Test
    void aSuccessForgetsTheFailuresOfTheEmailButNotThoseOfTheAddress() {
        fail(EMAIL, ADDRESS, 4);
        attempts.begin(EMAIL, ADDRESS);
        attempts.succeeded(EMAIL, ADDRESS);

        fail(EMAIL, ADDRESS, 4);
        attempts.begin(EMAIL, ADDRESS);
        assertThat(waitingTime(EMAIL, ADDRESS)).isPositive();

        for (int account = 0; account < 11; account++) {
            attempts.begin("user" + account + "@example.com", ADDRESS);
        }
        assertThat(waitingTime("one-more@example.com", ADDRESS)).isPositive();
    }

    @Test
    void failuresAreForgottenAfterADay() {
        fail(EMAIL, ADDRESS, 5);
        clock.advance(Duration.ofHours(25));

        fail(EMAIL, ADDRESS, 4);
        attempts.begin(EMAIL, ADDRESS);
        clock.advance(Duration.ofHours(25));
        attempts.forgetOld();

        assertThat(DATABASE.jdbc()
                        .sql("select count(*) from sign_in_attempt")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void manyAttemptsAtOnceOverTwoNodesAreCountedOneByOne() throws Exception {
        SignInAttempts other = node();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 60; i++) {
                SignInAttempts node = i % 2 == 0 ? attempts : other;
                String address = "203.0.113." + i;
                outcomes.add(threads.submit(() -> {
                    start.await();
                    try {
                        node.begin(EMAIL, address);
                        return true;
                    } catch (TooManySignInsException refused) {
                        return false;
                    }
                }));
            }
            start.countDown();
        }

        int admitted = 0;
        for (Future<Boolean> outcome : outcomes) {
            admitted += outcome.get() ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(5);
    }

    private SignInAttempts node() {
        return new SignInAttempts(
                DATABASE.jdbc(),
                DATABASE.transactions(),
                new SignInProperties(5, 20, Duration.ofSeconds(5), Duration.ofMinutes(15)),
                clock);
    }

    private void fail(String email, String address, int times) {
        for (int i = 0; i < times; i++) {
            attempts.begin(email, address);
        }
    }

    private Duration waitingTime(String email, String address) {
        return catchThrowableOfType(TooManySignInsException.class, () -> attempts.begin(email, address))
                .waitingTime();
    }
}
