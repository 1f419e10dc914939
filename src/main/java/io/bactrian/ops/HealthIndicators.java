package io.bactrian.ops;

import java.util.function.Predicate;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The parts of {@link ServiceHealth} for the management port, which answers as soon as that does, whatever hangs.
 *
 * <p>A node is ready for requests while its database answers: messages wait in the outbox for a broker that is away.
 */
@Configuration(proxyBeanMethods = false)
class HealthIndicators {
    private final ServiceHealth health;

    HealthIndicators(ServiceHealth health) {
        this.health = health;
    }

    @Bean
    HealthIndicator databaseHealthIndicator() {
        return part(HealthReport::database);
    }

    @Bean
    HealthIndicator brokerHealthIndicator() {
        return part(HealthReport::broker);
    }

    @Bean
    HealthIndicator workersHealthIndicator() {
        return part(HealthReport::workers);
    }

    @Bean
    HealthIndicator diskHealthIndicator() {
        return part(HealthReport::disk);
    }

    @Bean
    HealthIndicator schedulesHealthIndicator(ScheduleWatch schedules) {
        return () -> (schedules.late().isEmpty() ? Health.up() : Health.down())
                .withDetails(schedules.lastTicks())
                .build();
    }

    private HealthIndicator part(Predicate<HealthReport> works) {
        return () -> (works.test(health.report()) ? Health.up() : Health.down()).build();
    }
}
