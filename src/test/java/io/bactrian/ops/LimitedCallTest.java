package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LimitedCallTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void whatTheCallGivesOrThrowsIsTheResult() throws Exception {
        assertThat(new LimitedCall<>("value", LONG, () -> 5).begin().result()).isEqualTo(5);
        assertThatThrownBy(() -> new LimitedCall<>("failure", LONG, () -> {
                            throw new IllegalStateException("broken");
                        })
                        .begin()
                        .result())
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("broken");
    }

    @Test
    void oneCallMayFollowAnotherAtOnce() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        LimitedCall<Integer> call = new LimitedCall<>("counter", LONG, calls::incrementAndGet);

        for (int i = 1; i <= 1_000; i++) {
            assertThat(call.begin().result()).isEqualTo(i);
        }
    }

    @Test
    void whileACallHangsNoOtherIsBegun() {
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch released = new CountDownLatch(1);
        LimitedCall<Boolean> call = new LimitedCall<>("hangs", SHORT, () -> {
            begun.incrementAndGet();
            released.await();
            return true;
        });

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> call.begin().result())
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("answer");
        }
        assertThat(begun).hasValue(1);

        released.countDown();
        await().ignoreExceptions().until(() -> call.begin().result());
        assertThat(begun.get()).isGreaterThan(1);
    }
}
