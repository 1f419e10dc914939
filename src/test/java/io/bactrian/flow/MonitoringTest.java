package io.bactrian.flow;

import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RunningService.class)
class MonitoringTest {
    private static final String PRICE = "{\"price\": \".price\"}";

    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    MonitoringTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    private void price(String price) {
        site.on("/price", Behaviours.page("<span class=price>%s</span>".formatted(price)));
    }

    private TaskRequest watch() {
        return TaskRequest.monitoring(site.url("/price")).config("selectors", PRICE);
    }

    @Test
    void aPriceThatDriftsIsNotifiedWhenItHasCrossedTheThresholdAndNotBefore() {
        price("$100.00");
        String id = account.create(watch().config("change_threshold", "0.05"));
        account.awaitChecks(id, 1);
        for (String price : List.of("$101.00", "$102.00", "$103.00", "$104.00")) {
            price(price);
            account.checkNow(id);
            assertThat(notified(id)).as(price).isEmpty();
        }
        price("$105.00");
        account.checkNow(id);

        assertThat(notified(id)).hasSize(1);
        JsonNode change = notified(id).getFirst();
        assertThat(change.path("url").asText()).isEqualTo(site.url("/price"));
        assertThat(change.at("/changes/0"))
                .isEqualTo(TaskRequest.parse(
                        "{\"selector\": \"price\", \"old\": \"$100.00\", \"new\": \"$105.00\", \"difference\": 0.05}"));
        price("$109.99");
        account.checkNow(id);
        assertThat(notified(id)).hasSize(1);

        List<JsonNode> rows = account.rows(id);
        assertThat(rows)
                .extracting(row -> row.at("/data/price").asText())
                .containsExactly("$100.00", "$101.00", "$102.00", "$103.00", "$104.00", "$105.00", "$109.99");
        assertThat(rows)
                .extracting(row -> Instant.parse(row.path("checked_at").asText()))
                .isSorted();
        assertThat(account.unitsUsed()).isEqualTo(7 * PAGE_UNITS);
        assertThat(account.get("/tasks/" + id + "/changes").expect(200).header("X-Total-Count"))
                .isEqualTo("6");
        account.delete("/tasks/" + id).expect(200);
    }

    private List<JsonNode> notified(String id) {
        JsonNode changes = account.get("/tasks/" + id + "/changes").expect(200).json();
        return changes.valueStream()
                .filter(change -> change.path("notified").asBoolean())
                .collect(Collectors.toList());
    }

    @Test
    void aMonitoringTaskSaysWhereItIs() {
        price("5");
        JsonNode created = account.post("/tasks", watch().json()).expect(201).json();
        String id = created.path("id").asText();
        Instant createdAt = Instant.parse(created.path("created_at").asText());

        assertThat(created.path("status").asText()).isEqualTo("pending");
        assertThat(created.at("/monitoring/checks").asInt()).isZero();
        assertThat(created.at("/monitoring/last_check_at").isNull()).isTrue();
        assertThat(Instant.parse(created.at("/monitoring/next_check_at").asText()))
                .isEqualTo(createdAt.plus(Duration.ofHours(1)));

        JsonNode checked = account.awaitChecks(id, 1);
        assertThat(checked.path("status").asText()).isEqualTo("running");
        assertThat(checked.path("progress").asInt()).isEqualTo(100);
        assertThat(checked.path("estimated_compute_units").asInt()).isEqualTo(PAGE_UNITS);
        assertThat(checked.path("compute_units_consumed").asInt()).isEqualTo(PAGE_UNITS);
        assertThat(checked.path("result_url").asText()).isEqualTo("/tasks/" + id + "/download");
        assertThat(account.listed(id).path("monitoring")).isEqualTo(checked.path("monitoring"));

        JsonNode paused = account.call("POST", "/tasks/" + id + "/pause")
                .send()
                .expect(200)
                .json();
        assertThat(paused.at("/monitoring/paused").asBoolean()).isTrue();
        assertThat(paused.at("/monitoring/next_check_at").isNull()).isTrue();
        JsonNode resumed = account.call("POST", "/tasks/" + id + "/resume")
                .send()
                .expect(200)
                .json();
        assertThat(resumed.at("/monitoring/next_check_at")).isEqualTo(created.at("/monitoring/next_check_at"));
        assertThat(account.put("/tasks/" + id, TaskRequest.parse("{\"name\": \"Renamed\"}"))
                        .expect(200)
                        .json()
                        .path("name")
                        .asText())
                .isEqualTo("Renamed");

        assertThat(account.delete("/tasks/" + id).expect(200).text()).contains("cancelled");
        assertThat(account.task(id).path("status").asText()).isEqualTo("cancelled");
        assertThat(account.rows(id)).hasSize(1);
        account.call("POST", "/tasks/" + id + "/resume").send().expect(400);
        assertThat(account.delete("/tasks/" + id).expect(200).text()).contains("deleted");
        account.get("/tasks/" + id + "/changes").expect(404);
    }

    @Test
    void itsDownloadHasARowForEachCheckAndUrlInEveryFormat() {
        price("=5");
        String id = account.create(TaskRequest.monitoring(site.url("/price"), site.url("/gone"))
                .config("selectors", PRICE)
                .config("include_metadata", "true")
                .config("retry_attempts", "0"));
        assertThat(account.get("/tasks/" + id + "/download").expect(200).json().isArray())
                .isTrue();
        account.awaitChecks(id, 1);
        account.checkNow(id);

        List<JsonNode> rows = account.rows(id);
        assertThat(rows)
                .extracting(row -> row.path("url").asText())
                .containsExactly(site.url("/price"), site.url("/gone"), site.url("/price"), site.url("/gone"));
        assertThat(rows)
                .extracting(row -> row.at("/error/code").asText())
                .containsExactly("", "http_4xx", "", "http_4xx");
        assertThat(rows.getFirst().fieldNames())
                .toIterable()
                .containsExactly("url", "checked_at", "data", "error", "metadata");
        String csv =
                account.get("/tasks/" + id + "/download?format=csv").expect(200).text();
        assertThat(csv.lines().toList()).hasSize(5);
        assertThat(csv).startsWith("url,checked_at,price,error,final_url");
        assertThat(csv)
                .contains(site.url("/price") + ","
                        + rows.getFirst().path("checked_at").asText() + ",'=5,");
        assertThat(account.get("/tasks/" + id + "/download?format=jsonl")
                        .expect(200)
                        .text()
                        .lines())
                .hasSize(4);
        assertThat(account.get("/tasks/" + id + "/download?format=xlsx")
                        .expect(200)
                        .body())
                .isNotEmpty();
        assertThat(new String(account.get("/auth/me/export").expect(200).body(), StandardCharsets.ISO_8859_1))
                .contains("tasks/" + id + "/rows.jsonl", "tasks/" + id + "/changes.jsonl");
    }

    @Test
    void aTestKeyNeitherCreatesNorResumesMonitoringTasks() {
        price("5");
        String key = account.newKey("test", "tasks:create", "tasks:update");
        String id = account.create(watch());
        account.call("POST", "/tasks/" + id + "/pause").send().expect(200);

        service.call("POST", "/tasks")
                .as(key)
                .json(watch().json())
                .send()
                .assertSelextractError(403, "authorization_error");
        service.call("POST", "/tasks/" + id + "/resume")
                .as(key)
                .send()
                .assertSelextractError(403, "authorization_error");

        assertThat(account.get("/tasks").expect(200).header("X-Total-Count")).isEqualTo("1");
        account.delete("/tasks/" + id).expect(200);
    }

    @Test
    void anAccountHasAsManyActiveMonitoringTasksAsItsPlanIncludes() {
        price("5");
        List<String> ids = Stream.generate(() -> account.create(watch()))
                .limit(10) // The free plan's number in config/plans.yaml.
                .toList();

        Reply refused = account.post("/tasks", watch().json());
        account.call("POST", "/tasks/" + ids.getFirst() + "/pause").send().expect(200);
        String further = account.create(watch());
        Reply notResumed =
                account.call("POST", "/tasks/" + ids.getFirst() + "/resume").send();
        account.call("POST", "/tasks/" + ids.getLast() + "/resume").send().expect(200);
        account.delete("/tasks/" + further).expect(200);
        account.call("POST", "/tasks/" + ids.getFirst() + "/resume").send().expect(200);

        refused.assertSelextractError(403, "authorization_error");
        notResumed.assertSelextractError(403, "authorization_error");
        assertThat(refused.json().path("message").asText()).contains("10 active monitoring tasks");
        ids.forEach(id -> account.delete("/tasks/" + id).expect(200));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "schedule | 5 | config.schedule",
                "schedule | \"sometimes\" | config.schedule",
                "schedule | \"61 * * * *\" | config.schedule",
                "schedule | \"0 0 30 2 *\" | config.schedule",
                "timezone | \"Nowhere\" | config.timezone",
                "change_threshold | -0.1 | config.change_threshold",
                "change_threshold | \"5%\" | config.change_threshold",
                "compare_lists | \"bag\" | config.compare_lists",
                "error_threshold | 0 | config.error_threshold",
                "error_threshold | 101 | config.error_threshold",
                "notification_email | \"nobody\" | config.notification_email",
                "javascript_enabled | true | config.javascript_enabled",
                "threshold | 0.05 | config.threshold",
                "urls | [] | config.urls",
            })
    void whatCannotBeMeantIsRefusedByItsField(String field, String value, String fault) {
        Reply reply = account.post("/tasks", watch().config(field, value).json());

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly(fault);
    }

    @Test
    void aClosedAccountLeavesNoHistory() {
        price("5");
        String id = account.create(watch());
        account.awaitChecks(id, 1);

        account.delete("/auth/me").expect(200);

        await().atMost(Duration.ofSeconds(60))
                .until(() -> service.database()
                                .sql(
                                        "SELECT (SELECT count(*) FROM monitor WHERE task_id = ?::uuid) + (SELECT count(*) FROM monitor_row WHERE task_id = ?::uuid)")
                                .params(id, id)
                                .query(Long.class)
                                .single()
                        == 0);
    }
}
