package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the service says of itself: to everyone whether it works, to its administrator how much it has to do. */
@ExtendWith(RunningService.class)
class SystemTest {
    /** Of {@code bactrian.housekeeping.retention-period}. */
    private static final Duration LONGEST_PERIOD = Duration.ofMinutes(10);

    private static final String METRICS = "/admin/system-metrics";

    private final Service service;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    SystemTest(Service service) {
        this.service = service;
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void everyoneMaySeeThatTheServiceIsHealthy() {
        JsonNode health = service.call("GET", "/health").send().expect(200).json();

        assertThat(health.fieldNames())
                .toIterable()
                .containsExactly(
                        "status",
                        "version",
                        "timestamp",
                        "database",
                        "redis",
                        "celery",
                        "broker",
                        "workers",
                        "disk",
                        "browser",
                        "schedules");
        for (String part : List.of("status", "database", "redis", "celery", "broker", "workers", "disk")) {
            assertThat(health.path(part).asText()).as(part).isEqualTo("healthy");
        }
        assertThat(health.path("version").asText()).matches("\\d+\\.\\d+.*");
        assertThat(Instant.parse(health.path("timestamp").asText())).isNotNull();
    }

    @Test
    void healthAndAMetricTellWhenEachScheduleTickedLast() {
        JsonNode schedules = await().until(
                        () -> service.call("GET", "/health")
                                .send()
                                .expect(200)
                                .json()
                                .path("schedules"),
                        ticks -> ticks.has("monitor-tick") && ticks.has("due-searches") && ticks.has("leader"));
        for (JsonNode tick : schedules) {
            assertThat(Duration.between(Instant.parse(tick.asText()), Instant.now()))
                    .isBetween(Duration.ZERO, LONGEST_PERIOD.plusMinutes(5));
        }
        JsonNode silence = service.management("/actuator/metrics/bactrian.schedule.silence?tag=route:monitor-tick")
                .expect(200)
                .json();
        assertThat(silence.at("/measurements/0/value").asDouble()).isBetween(0.0, 300.0);
    }

    @Test
    void healthIsAskedOfThePartsAtMostOnceASecond() {
        List<String> times = IntStream.range(0, 200)
                .mapToObj(n -> service.call("GET", "/health")
                        .send()
                        .expect(200)
                        .json()
                        .path("timestamp")
                        .asText())
                .toList();

        long seconds = Duration.between(Instant.parse(times.getFirst()), Instant.parse(times.getLast()))
                .toSeconds();
        assertThat(times.stream().distinct().count()).isLessThanOrEqualTo(seconds + 2);
    }

    @Test
    void aCredentialThatProvesNothingDoesNotKeepAnyoneFromSeeingIt() {
        service.call("GET", "/health").as("nonsense").send().expect(200);
    }

    @Test
    void theAdministratorSeesTheWholeService() {
        Account administrator = service.administrator();
        JsonNode before = administrator.get(METRICS).expect(200).json();
        site.on("/ok", Behaviours.page("<h1>Fine</h1>"));
        Account other = service.register();
        Account idle = service.register();
        other.awaitEnd(other.create(TaskRequest.simple(site.url("/ok"))));
        Gate gate = new Gate();
        site.on("/gate", gate.before(Behaviours.page("<h1>Open</h1>")));
        String running = other.create(TaskRequest.simple(site.url("/gate")));

        JsonNode after = administrator.get(METRICS).expect(200).json();
        gate.open();
        other.awaitEnd(running);

        assertThat(after.fieldNames())
                .toIterable()
                .containsExactly("active_users", "total_tasks", "active_tasks", "queue_length", "timestamp");
        assertThat(grown("total_tasks", before, after)).isEqualTo(2);
        assertThat(grown("active_tasks", before, after)).isEqualTo(1);
        assertThat(grown("active_users", before, after))
                .as("accounts with a task or a use of a key, and not " + idle.email())
                .isEqualTo(1);
        assertThat(after.path("queue_length").asInt()).isNotNegative();
        assertThat(Instant.parse(after.path("timestamp").asText())).isNotNull();
    }

    private static int grown(String metric, JsonNode before, JsonNode after) {
        return after.path(metric).asInt() - before.path(metric).asInt();
    }

    @Test
    void theUseOfAKeyMakesAnAccountActive() {
        Account administrator = service.administrator();
        JsonNode before = administrator.get(METRICS).expect(200).json();
        Account other = service.register();
        service.call("GET", "/tasks").as(other.mapKey()).send().expect(200);

        assertThat(grown(
                        "active_users",
                        before,
                        administrator.get(METRICS).expect(200).json()))
                .isEqualTo(1);
    }

    @Test
    void onlyTheTokenOfAnAdministratorOpensIt() {
        Account administrator = service.administrator();

        service.call("GET", METRICS).send().assertSelextractError(401, "authentication_error");
        service.register().get(METRICS).assertSelextractError(403, "authorization_error");
        for (String key : List.of(administrator.newKey("prod", "*"), administrator.mapKey())) {
            service.call("GET", METRICS).as(key).send().assertSelextractError(403, "authorization_error");
        }
        administrator.get(METRICS).expect(200);
    }
}
