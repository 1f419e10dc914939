package io.bactrian.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BodyPaceTest {
    private final AtomicLong nanoTime = new AtomicLong();
    private final BodyPace pace = new BodyPace(1_000, nanoTime::get);

    @Test
    void aBodyThatComesAtTheLeastRateMayTakeAnyTime() {
        assertThatCode(() -> {
                    for (int second = 0; second < 1_000; second++) {
                        pass(Duration.ofSeconds(1));
                        pace.count(1_001);
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whatCameQuicklyBeforeIsNoCreditForRestingAtTheEnd() {
        pace.count(16 << 20);
        pass(Duration.ofSeconds(10));
        pace.count(1);
        pass(Duration.ofSeconds(10));

        assertThatThrownBy(() -> pace.count(1)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aLongSilenceCountsAsAllOfItsTime() {
        pass(Duration.ofSeconds(59));

        assertThatThrownBy(() -> pace.count(10_000)).isInstanceOf(InvalidInputException.class);
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
