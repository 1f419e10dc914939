package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.SettableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

class ScheduleWatchTest {
    private static final String ROUTES = """
            - route:
                id: once
                from:
                  uri: timer:once
                  parameters:
                    delay: 0
                    period: 60000
                    repeatCount: 1
                  steps:
                    - setBody:
                        constant: ticked
            - route:
                id: never
                from:
                  uri: timer:never
                  parameters:
                    delay: 3600000
                    period: 60000
                  steps:
                    - setBody:
                        constant: ticked
            - route:
                id: each-hour
                from:
                  uri: quartz:test/each-hour
                  parameters:
                    cron: "0 0 * * * ?"
                  steps:
                    - setBody:
                        constant: ticked
            - route:
                id: called
                from:
                  uri: direct:called
                  steps:
                    - setBody:
                        constant: nothing ticks here
            """;

    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ScheduleWatch watch = new ScheduleWatch(clock, meters);

    @Test
    void aClockThatHasStoppedIsToldAfterThreePeriodsAndAMinute() throws Exception {
        Instant start = clock.instant();
        try (DefaultCamelContext flow = new DefaultCamelContext()) {
            flow.addRoutePolicyFactory(watch);
            PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.fromString("sample.camel.yaml", ROUTES));
            flow.start();
            await().until(() -> watch.lastTicks().containsKey("once"));
            assertThat(watch.lastTicks()).containsOnlyKeys("once").containsEntry("once", start);

            clock.advance(Duration.ofMinutes(4));
            assertThat(watch.late()).isEmpty();
            clock.advance(Duration.ofSeconds(1));
            assertThat(watch.late()).containsExactly("The route once has not ticked since " + start);
            assertThat(meters.get("bactrian.schedule.silence")
                            .tag("route", "once")
                            .timeGauge()
                            .value(TimeUnit.SECONDS))
                    .isEqualTo(241);

            clock.advance(Duration.ofMinutes(60));
            assertThat(watch.late()).hasSize(2).first().asString().contains("route never");
            clock.advance(Duration.ofHours(2));
            assertThat(watch.late()).hasSize(3).first().asString().contains("route each-hour");
        }
        assertThat(watch.late()).as("nothing ticks in routes that are stopped").isEmpty();
    }
}
