package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkWatchTest {
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger exits = new AtomicInteger();
    private final WorkWatch watch = new WorkWatch(
            new WorkProperties(LONGEST, LONGEST.multipliedBy(2)), meters, Clock.systemUTC(), exits::incrementAndGet);

    @Test
    void aStepThatDoesNotReturnIsToldAndInterrupted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread worker = Thread.ofVirtual().start(() -> {
            WorkStep step = watch.begin("lane-html");
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stuck) {
                interrupted.set(true);
            }
            watch.end(step);
        });
        begun.await();

        pass(LONGEST);
        assertThat(watch.stuck()).isEmpty();
        pass(LOOK);
        worker.join();

        assertThat(interrupted).isTrue();
        assertThat(watch.stuck()).isEmpty();
        assertThat(exits).hasValue(0);
    }

    @Test
    void aStepThatIgnoresTheInterruptIsStuckUntilTheProcessEnds() {
        Phaser held = new Phaser(1);
        Thread worker = Thread.ofVirtual().start(() -> {
            WorkStep step = watch.begin("lane-browser");
            held.awaitAdvance(0);
            watch.end(step);
        });
        await().until(() -> worker.getState() == Thread.State.WAITING);

        pass(LONGEST.plus(LOOK));

        assertThat(watch.stuck())
                .singleElement()
                .asString()
                .startsWith("The route lane-browser has been in one step since ")
                .contains("(91");
        assertThat(meters.get("bactrian.work.stuck").gauge().value()).isEqualTo(1);
        assertThat(exits).hasValue(0);
        pass(LONGEST);
        assertThat(exits).as("it ends once").hasValue(1);
        held.arrive();
        await().until(() -> watch.stuck().isEmpty());
        assertThat(meters.get("bactrian.work.stuck").gauge().value()).isZero();
    }

    @Test
    void anInterruptThatTheStepDidNotNoticeDoesNotMeetTheNextOne() {
        WorkStep step = watch.begin("lane-html");
        pass(LONGEST.plus(LOOK));
        watch.end(step);

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        pass(LONGEST.multipliedBy(2));
        assertThat(Thread.currentThread().isInterrupted())
                .as("an ended step is not interrupted")
                .isFalse();
    }

    @Test
    void aPauseOfTheWholeProcessMakesNoStepStuck() {
        WorkStep step = watch.begin("lane-html");

        watch.look(Duration.ofHours(10));

        assertThat(watch.stuck()).isEmpty();
        watch.end(step);
    }

    @Test
    void theProcessCannotEndBeforeTheStepIsStuck() {
        assertThatThrownBy(() -> new WorkProperties(LONGEST, LONGEST))
                .hasMessageContaining("bactrian.work.exit-after")
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(LOOK)) {
            watch.look(LOOK);
        }
    }
}
