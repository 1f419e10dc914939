package io.bactrian.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;
import org.springframework.stereotype.Component;

/**
 * Knows when each route that begins with a clock ticked last on this node, and which of them is late: a clock that has stopped
 * is silent, and what waits for it would wait for ever.
 *
 * <p>A route is late when three of its periods and a minute have passed without a tick. Whether a tick fails, or does not return,
 * is for others to tell. Safe for use by many threads.
 */
@Component
final class ScheduleWatch implements RoutePolicyFactory {
    private static final List<String> CLOCKS = List.of("timer:", "quartz:");
    private static final int PERIODS = 3;
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final Clock clock;
    private final MeterRegistry meters;
    private final Map<String, Schedule> schedules = new ConcurrentHashMap<>();

    ScheduleWatch(Clock clock, MeterRegistry meters) {
        this.clock = clock;
        this.meters = meters;
    }

    /** When each schedule ticked last, by the id of its route; those that have not ticked yet are not there. */
    Map<String, Instant> lastTicks() {
        Map<String, Instant> ticks = new TreeMap<>();
        schedules.forEach((route, schedule) -> {
            Instant last = schedule.ticked;
            if (last != null) {
                ticks.put(route, last);
            }
        });
        return ticks;
    }

    /** The schedules whose clock seems to have stopped, a sentence each. */
    List<String> late() {
        Instant now = clock.instant();
        return schedules.entrySet().stream()
                .filter(schedule -> schedule.getValue().isLate(now))
                .map(schedule -> "The route %s has not ticked since %s"
                        .formatted(schedule.getKey(), schedule.getValue().heard()))
                .sorted()
                .toList();
    }

    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        if (!(route instanceof RouteDefinition definition)
                || CLOCKS.stream().noneMatch(definition.getInput().getEndpointUri()::startsWith)) {
            return null;
        }
        Schedule schedule = new Schedule();
        schedules.put(routeId, schedule);
        TimeGauge.builder("bactrian.schedule.silence", schedule, TimeUnit.MILLISECONDS, this::silence)
                .description("How long ago a route that begins with a clock ticked last on this node")
                .tag("route", routeId)
                .register(meters);
        return schedule;
    }

    private double silence(Schedule schedule) {
        Instant heard = schedule.heard();
        return heard == null ? 0 : Duration.between(heard, clock.instant()).toMillis();
    }

    private final class Schedule extends RoutePolicySupport {
        /** Null while the route is not started. */
        private volatile @Nullable Instant started;

        private volatile @Nullable Instant ticked;
        private volatile Duration longestSilence = Duration.ZERO;

        @Override
        public void onStart(Route route) {
            longestSilence = longestSilence(route.getEndpoint());
            started = clock.instant();
        }

        @Override
        public void onStop(Route route) {
            started = null;
        }

        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            ticked = clock.instant();
        }

        private @Nullable Instant heard() {
            Instant start = started;
            Instant tick = ticked;
            return tick == null || (start != null && start.isAfter(tick)) ? start : tick;
        }

        private boolean isLate(Instant now) {
            Instant heard = heard();
            return started != null
                    && heard != null
                    && Duration.between(heard, now).compareTo(longestSilence) > 0;
        }

        private Duration longestSilence(Endpoint endpoint) {
            if (endpoint instanceof TimerEndpoint timer) {
                return GRACE.plusMillis(timer.getDelay()).plusMillis(PERIODS * timer.getPeriod());
            }
            if (endpoint instanceof QuartzEndpoint quartz) {
                return GRACE.plus(periodOf(quartz.getCron()).multipliedBy(PERIODS));
            }
            throw new IllegalStateException("No period is known of " + endpoint);
        }

        /** Between the next two times. */
        private Duration periodOf(String cron) {
            try {
                CronExpression expression = new CronExpression(cron);
                Date next = expression.getNextValidTimeAfter(Date.from(clock.instant()));
                return Duration.between(
                        next.toInstant(), expression.getNextValidTimeAfter(next).toInstant());
            } catch (ParseException e) {
                throw new IllegalStateException("Quartz has accepted what it cannot read: " + cron, e);
            }
        }
    }
}
