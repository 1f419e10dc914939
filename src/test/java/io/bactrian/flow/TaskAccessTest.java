package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may be seen and changed of a task, and by whom. */
@ExtendWith(RunningService.class)
class TaskAccessTest {
    private final Service service;
    private final Account account;
    private final Gate gate = new Gate();
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on("/ok", Behaviours.page("<h1>Fine</h1>"))
            .on("/gated", gate.before(Behaviours.page("<h1>Open</h1>")));

    TaskAccessTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        gate.open();
        site.close();
    }

    @Test
    void nameDescriptionAndPriorityChangeUntilTheTaskEnds() {
        String id = account.create(TaskRequest.simple(site.url("/gated")).with("description", "\"old\""));

        JsonNode changed = account.put(
                        "/tasks/" + id,
                        TaskRequest.parse("{\"name\": \"New\", \"description\": \"new\", \"priority\": 9}"))
                .expect(200)
                .json();
        assertThat(changed.path("name").asText()).isEqualTo("New");
        assertThat(changed.path("description").asText()).isEqualTo("new");
        assertThat(changed.path("priority").asInt()).isEqualTo(9);

        changed = account.put("/tasks/" + id, TaskRequest.parse("{\"description\": null}"))
                .expect(200)
                .json();
        assertThat(changed.path("name").asText()).isEqualTo("New");
        assertThat(changed.path("description").isNull()).isTrue();

        gate.open();
        account.awaitEnd(id);
        Reply late = account.put("/tasks/" + id, TaskRequest.parse("{\"priority\": 1}"));
        late.assertSelextractError(400, "validation_error");
        assertThat(late.json().path("message").asText()).contains("completed");
        assertThat(account.task(id).path("priority").asInt()).isEqualTo(9);
    }

    @Test
    void theLogTellsEachStepInOrderAndInPages() {
        String id = account.create(
                TaskRequest.bulk(List.of(site.url("/ok"), site.url("/gone"))).config("proxy_rotation", "true"));
        account.awaitEnd(id);

        JsonNode log = account.get("/tasks/" + id + "/logs").expect(200).json();

        List<String> steps = new ArrayList<>();
        log.path("logs").forEach(entry -> {
            steps.add(entry.path("metadata").path("step").asText());
            assertThat(entry.path("task_id").asText()).isEqualTo(id);
            assertThat(entry.path("id").asText()).hasSize(36);
            assertThat(entry.path("level").asText()).isIn("DEBUG", "INFO", "WARNING", "ERROR");
            assertThat(entry.path("timestamp").asText()).endsWith("Z");
            assertThat(entry.path("message").asText()).isNotBlank();
        });
        assertThat(steps)
                .startsWith("initialization", "initialization", "admission")
                .contains("scraping")
                .endsWith("end");
        assertThat(log.path("logs").toString()).contains("proxies", "http_4xx", site.url("/gone"));
        assertThat(log.path("task_id").asText()).isEqualTo(id);
        assertThat(log.path("page").asInt()).isEqualTo(1);
        assertThat(log.path("page_size").asInt()).isEqualTo(50);
        assertThat(log.path("total_count").asInt()).isEqualTo(steps.size());

        JsonNode second = account.get("/tasks/" + id + "/logs?page=2&page_size=2")
                .expect(200)
                .json();
        assertThat(second.path("logs")).hasSize(2);
        assertThat(second.path("logs").path(0)).isEqualTo(log.path("logs").path(2));
        assertThat(second.path("total_count").asInt()).isEqualTo(steps.size());
    }

    @Test
    void aTestKeyMakesSmallTasksForNothing() {
        String key = account.newKey("test", "tasks:create", "tasks:read");
        assertThat(key).startsWith("sk_test_");

        Reply small = service.call("POST", "/tasks")
                .as(key)
                .json(TaskRequest.simple(site.url("/ok"), site.url("/ok"), site.url("/ok"))
                        .json())
                .send()
                .expect(201);
        Reply large = service.call("POST", "/tasks")
                .as(key)
                .json(TaskRequest.bulk(Visitors.urls(site.url("/ok"), 4)).json())
                .send();

        large.assertSelextractError(400, "validation_error");
        assertThat(large.fields()).containsExactly("config.urls");
        assertThat(small.json().path("estimated_compute_units").asInt()).isZero();
        JsonNode ended = account.awaitEnd(small.json().path("id").asText());
        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(ended.path("compute_units_consumed").asInt()).isZero();
        assertThat(account.unitsUsed()).isZero();
    }

    @Test
    void aDeactivatedKeyStopsAtOnce() {
        String key = account.newKey("prod", "tasks:read");
        service.call("GET", "/tasks").as(key).send().expect(200);
        String id =
                account.get("/api-keys").expect(200).json().path(0).path("id").asText();

        assertThat(account.delete("/api-keys/" + id).expect(200).json())
                .isEqualTo(TaskRequest.parse("{\"message\": \"API key deactivated successfully\"}"));

        service.call("GET", "/tasks").as(key).send().assertSelextractError(401, "authentication_error");
        assertThat(account.get("/api-keys").json().path(0).path("is_active").asBoolean())
                .isFalse();
    }
}
