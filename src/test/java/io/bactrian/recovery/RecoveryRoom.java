package io.bactrian.recovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The rules of recovery as a test's own context has them: lost after a quarter of an hour, abandoned after two reissues. */
public final class RecoveryRoom {
    public static final int REISSUES = 2;

    private RecoveryRoom() {}

    /** The rules alone, for what is made without a context. */
    public static Recovery of(JdbcClient database) {
        return new Recovery(
                new RecoveryProperties(Duration.ofMinutes(15), REISSUES),
                database,
                new SimpleMeterRegistry(),
                Clock.systemUTC());
    }

    public static void register(GenericApplicationContext context) {
        context.registerBean(RecoveryProperties.class, () -> new RecoveryProperties(Duration.ofMinutes(15), REISSUES));
        context.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
        context.registerBean(FailedWork.class);
        context.registerBean(Recovery.class);
    }
}
