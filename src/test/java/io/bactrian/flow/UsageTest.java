package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the analytics say of tasks that were really run. */
@ExtendWith(RunningService.class)
class UsageTest {
    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    UsageTest(Service service) {
        this.service = service;
        this.account = service.register();
        site.on("/ok", Behaviours.page("<h1>Fine</h1>"));
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void whatWasDoneAndUsedIsCounted() {
        run(account, TaskRequest.simple(site.url("/ok"), site.url("/ok"), site.url("/missing")));
        run(account, TaskRequest.simple(site.url("/missing")));
        run(account, TaskRequest.bulk(List.of(site.url("/ok"))));
        run(service.register(), TaskRequest.simple(site.url("/ok")));

        JsonNode usage = account.get("/analytics/usage").expect(200).json();
        JsonNode dashboard = account.get("/analytics/dashboard").expect(200).json();

        assertThat(usage.path("period").asText()).isEqualTo("monthly");
        assertThat(usage.path("total_tasks").asInt()).isEqualTo(3);
        assertThat(usage.path("completed_tasks").asInt()).isEqualTo(2);
        assertThat(usage.path("failed_tasks").asInt()).isEqualTo(1);
        assertThat(usage.path("compute_units_consumed").asInt()).isEqualTo(3 * RunningService.PAGE_UNITS);
        assertThat(usage.path("compute_units_limit").asInt()).isEqualTo(RunningService.COMPUTE_UNITS);
        assertThat(usage.path("top_task_types"))
                .isEqualTo(
                        TaskRequest.parse(
                                "[{\"type\": \"simple_scraping\", \"count\": 2}, {\"type\": \"bulk_scraping\", \"count\": 1}]"));
        assertThat(dashboard.path("active_tasks").asInt()).isZero();
        assertThat(dashboard.path("completed_tasks_today").asInt()).isEqualTo(2);
        assertThat(dashboard.path("compute_units_used_today").asInt()).isEqualTo(3 * RunningService.PAGE_UNITS);
        assertThat(dashboard.path("compute_units_remaining").asInt())
                .isEqualTo(RunningService.COMPUTE_UNITS - 3 * RunningService.PAGE_UNITS);
        assertThat(dashboard.path("success_rate").asDouble()).isEqualTo(0.667);
        assertThat(dashboard.path("recent_tasks")).hasSize(3);
        assertThat(dashboard.path("recent_tasks").path(0).path("status").asText())
                .isEqualTo("completed");
    }

    @Test
    void aDeletedTaskIsGoneAndWhatItConsumedIsNot() {
        account.delete("/tasks/" + run(account, TaskRequest.simple(site.url("/ok"))))
                .expect(200);

        JsonNode usage = account.get("/analytics/usage").json();
        assertThat(usage.path("total_tasks").asInt()).isZero();
        assertThat(usage.path("top_task_types")).isEmpty();
        assertThat(usage.path("compute_units_consumed").asInt()).isEqualTo(RunningService.PAGE_UNITS);
    }

    @Test
    void aTaskOfATestKeyIsCountedAndConsumesNothing() {
        String id = service.call("POST", "/tasks")
                .as(account.newKey("test", "tasks:create"))
                .json(TaskRequest.simple(site.url("/ok")).json())
                .send()
                .expect(201)
                .json()
                .path("id")
                .asText();
        account.awaitEnd(id);

        JsonNode usage = account.get("/analytics/usage?period=daily").json();
        assertThat(usage.path("completed_tasks").asInt()).isEqualTo(1);
        assertThat(usage.path("compute_units_consumed").asInt()).isZero();
    }

    @Test
    void theDaysThatAreAskedForAreToldAsTheirFirstAndLastSecond() {
        JsonNode usage = account.get("/analytics/usage?period=weekly&start_date=2024-01-01&end_date=2024-01-31")
                .expect(200)
                .json();

        assertThat(usage.path("period").asText()).isEqualTo("weekly");
        assertThat(usage.path("start_date").asText()).isEqualTo("2024-01-01T00:00:00Z");
        assertThat(usage.path("end_date").asText()).isEqualTo("2024-01-31T23:59:59Z");
        assertThat(usage.path("total_tasks").asInt()).isZero();
    }

    @Test
    void withoutDatesItIsTheCurrentMonth() {
        JsonNode usage = account.get("/analytics/usage").expect(200).json();

        assertThat(usage.path("start_date").asText()).matches("\\d{4}-\\d{2}-01T00:00:00Z");
        Instant end = Instant.parse(usage.path("end_date").asText());
        assertThat(end.plusSeconds(1).toString()).matches("\\d{4}-\\d{2}-01T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "period=hourly, period",
        "period=, period",
        "start_date=yesterday, start_date",
        "start_date=, start_date",
        "start_date=2024-02-30, start_date",
        "start_date=2024-1-1, start_date",
        "start_date=2024-01-01T00:00:00Z, start_date",
        "end_date=%2B10000-01-01, end_date",
        "end_date=0000-01-01, end_date",
        "end_date=9999-12-31, end_date",
        "start_date=2024-01-02&end_date=2024-01-01, end_date",
        "start_date=2024-01-01&end_date=2025-01-01, end_date",
        "start_date=2024-01-01&start_date=2024-01-02, start_date",
    })
    void aRangeThatIsNoneIsRefusedByItsField(String query, String field) {
        Reply reply = account.get("/analytics/usage?" + query);

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/analytics/usage", "/analytics/dashboard"})
    void aKeyThatMayReadAnalyticsIsEnough(String path) {
        service.call("GET", path)
                .as(account.newKey("prod", "analytics:read"))
                .send()
                .expect(200);
    }

    private static String run(Account owner, TaskRequest request) {
        String id = owner.create(request);
        owner.awaitEnd(id);
        return id;
    }
}
