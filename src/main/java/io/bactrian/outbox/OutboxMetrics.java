package io.bactrian.outbox;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How many messages wait in the outbox, and for how long the oldest has; read at most every ten seconds. */
@Component
final class OutboxMetrics implements MeterBinder {
    private static final Duration KEPT = Duration.ofSeconds(10);

    /** Counting further would cost more than the number is worth. */
    private static final int COUNTED = 10_000;

    private final JdbcClient database;
    private final Clock clock;

    // Guarded by this.
    private State last = new State(Double.NaN, Double.NaN);
    private long nextReading = System.nanoTime();

    OutboxMetrics(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    private record State(double messages, double oldestSeconds) {}

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge("bactrian.outbox.messages", "Messages in the outbox, counted up to 10,000", State::messages, registry);
        gauge("bactrian.outbox.oldest", "Seconds since the oldest of them was written", State::oldestSeconds, registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<State> value, MeterRegistry registry) {
        Gauge.builder(name, () -> value.applyAsDouble(state()))
                .description(description)
                .register(registry);
    }

    private synchronized State state() {
        long now = System.nanoTime();
        if (now - nextReading >= 0) {
            nextReading = now + KEPT.toNanos();
            try {
                last = read();
            } catch (DataAccessException away) {
                last = new State(Double.NaN, Double.NaN);
            }
        }
        return last;
    }

    private State read() {
        return database.sql("""
                        SELECT count(*), min(created_at)
                          FROM (SELECT created_at FROM outbox ORDER BY created_at LIMIT ?) oldest""")
                .param(COUNTED)
                .query((row, number) -> {
                    Timestamp oldest = row.getTimestamp(2);
                    double seconds = oldest == null
                            ? 0
                            : Math.max(
                                    0,
                                    Duration.between(oldest.toInstant(), clock.instant())
                                                    .toMillis()
                                            / 1000.0);
                    return new State(row.getDouble(1), seconds);
                })
                .single();
    }
}
