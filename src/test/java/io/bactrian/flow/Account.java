package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An account with its credentials, and what its owner does with it.
 *
 * @param token from the registration
 * @param mapKey its first {@code msk_} key
 */
record Account(Service service, String email, String token, String mapKey) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

    Call call(String method, String target) {
        return service.call(method, target).as(token);
    }

    Reply get(String target) {
        return call("GET", target).send();
    }

    Reply delete(String target) {
        return call("DELETE", target).send();
    }

    Reply post(String target, JsonNode body) {
        return call("POST", target).json(body).send();
    }

    Reply put(String target, JsonNode body) {
        return call("PUT", target).json(body).send();
    }

    /** A new {@code sk_} key with those permissions. */
    String newKey(String environment, String... permissions) {
        ObjectNode body = JSON.createObjectNode().put("name", "a key").put("environment", environment);
        ArrayNode granted = body.putArray("permissions");
        for (String permission : permissions) {
            granted.add(permission);
        }
        return post("/api-keys", body).expect(201).json().path("api_key").asText();
    }

    /** The same account, on that plan of Selextract's. */
    Account onPlan(String plan) {
        ObjectNode body = JSON.createObjectNode().put("email", email).put("plan_id", plan);
        service.administrator().post("/admin/plans", body).expect(200);
        return this;
    }

    /** Creates a task and gives its id. */
    String create(TaskRequest request) {
        return post("/tasks", request.json()).expect(201).json().path("id").asText();
    }

    JsonNode task(String id) {
        return get("/tasks/" + id).expect(200).json();
    }

    /** The task in the list, which answers at once even while the task is young. */
    JsonNode listed(String id) {
        for (JsonNode task : get("/tasks?page_size=100").expect(200).json()) {
            if (task.path("id").asText().equals(id)) {
                return task;
            }
        }
        throw new AssertionError("The list of tasks lacks " + id);
    }

    /** Waits until a task has ended, and gives it. */
    JsonNode awaitEnd(String id) {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> task(id),
                        task -> ENDED.contains(task.path("status").asText()));
    }

    /** Waits until so many checks of a monitoring task are over, and gives it. */
    JsonNode awaitChecks(String id, int checks) {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> task(id), task -> task.at("/monitoring/checks").asInt() >= checks);
    }

    /** Makes a monitoring task due, as if its time had come, and waits until it has been checked. */
    JsonNode checkNow(String id) {
        int checks = task(id).at("/monitoring/checks").asInt();
        service.database()
                .sql("UPDATE monitor SET next_check_at = now() WHERE task_id = ?::uuid")
                .param(id)
                .update();
        return awaitChecks(id, checks + 1);
    }

    /** Creates a job from its JSON and gives its id. */
    String search(String body) {
        return post("/scrape", TaskRequest.parse(body))
                .expect(201)
                .json()
                .path("jobId")
                .asText();
    }

    JsonNode job(String id) {
        return get("/scrape/jobs/" + id).expect(200).json().path("job");
    }

    /** Waits until a job has ended, and gives it. */
    JsonNode awaitJob(String id) {
        return await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> job(id), job -> ENDED.contains(job.path("status").asText()));
    }

    /** Creates a task, waits for its end and gives its rows. */
    List<JsonNode> rowsOf(TaskRequest request) {
        String id = create(request);
        awaitEnd(id);
        return rows(id);
    }

    /** The rows of a task that has ended. */
    List<JsonNode> rows(String id) {
        Reply reply = get("/tasks/" + id + "/download?format=json").expect(200);
        assertThat(reply.json().isArray()).isTrue();
        List<JsonNode> rows = new ArrayList<>();
        reply.json().forEach(rows::add);
        return rows;
    }

    /** The same account, with so many credits more. */
    Account withCredits(int amount) {
        ObjectNode body = JSON.createObjectNode()
                .put("email", email)
                .put("currency", "credits")
                .put("amount", amount)
                .put("reason", "a test");
        service.administrator().post("/admin/grants", body).expect(200);
        return this;
    }

    /** The credits that the account has available. */
    long credits() {
        return get("/credits").expect(200).json().at("/balance/available").asLong();
    }

    /** The compute units that ended tasks have consumed. */
    int unitsUsed() {
        String key = newKey("prod", "tasks:read");
        return service.call("GET", "/auth/me")
                .as(key)
                .send()
                .expect(200)
                .json()
                .path("compute_units_used")
                .asInt();
    }
}
