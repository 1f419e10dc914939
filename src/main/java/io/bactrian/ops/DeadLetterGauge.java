package io.bactrian.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The metric {@code bactrian.dead-letters}: how many messages their queues have given up; NaN while the broker does not say. */
@Component
final class DeadLetterGauge implements MeterBinder {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterGauge.class);
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final LimitedCall<Long> count;

    DeadLetterGauge(Broker broker) {
        this.count = new LimitedCall<>("dead-letters", LIMIT, broker::deadLetters);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("bactrian.dead-letters", this, DeadLetterGauge::read)
                .description("Messages that their queues have given up")
                .strongReference(true)
                .register(registry);
    }

    private double read() {
        try {
            return count.begin().result();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The dead letters cannot be counted", e);
            return Double.NaN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        }
    }
}
