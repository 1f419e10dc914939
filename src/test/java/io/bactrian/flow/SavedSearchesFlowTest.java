package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Saved searches over HTTP, fired by the service's own clock. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavedSearchesFlowTest {
    private static final String PATH = "/scheduled/saved-searches";

    private final Service service;
    private final Account account;

    SavedSearchesFlowTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    private JsonNode save(Account owner, String more) {
        return owner.post(PATH, TaskRequest.parse("""
                        {"name": "Weekly Leads", "searchTerms": "coffee", "location": "Here", "schedule": "0 9 * * MON"%s}""".formatted(more)))
                .expect(201)
                .json();
    }

    private static String pathOf(JsonNode search) {
        return PATH + "/" + search.path("id").asText();
    }

    /** As if its time had come two seconds ago. */
    private void makeDue(JsonNode search) {
        int changed = service.database()
                .sql(
                        "UPDATE saved_search SET next_run_at = date_trunc('second', now()) - interval '2 seconds' WHERE id = ?")
                .param(search.path("id").asLong())
                .update();
        assertThat(changed).isEqualTo(1);
    }

    private static JsonNode run(Account owner, JsonNode search, int nth) {
        return owner.get(pathOf(search) + "/history")
                .expect(200)
                .json()
                .path("runs")
                .path(nth);
    }

    private JsonNode awaitRun(Account owner, JsonNode search) {
        return await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> run(owner, search, 0), run -> run.hasNonNull("completedAt"));
    }

    @Test
    void aSearchIsSavedAsTheDocumentationShows() {
        JsonNode saved = save(account, ", \"maxResults\": 50, \"minRating\": 4.0");

        assertThat(saved.fieldNames()).toIterable().containsExactly("id", "name", "schedule", "nextRunAt", "isActive");
        assertThat(saved.path("id").isIntegralNumber()).isTrue();
        assertThat(saved.path("schedule").asText()).isEqualTo("0 9 * * MON");
        assertThat(saved.path("nextRunAt").asText()).endsWith("T09:00:00Z");
        assertThat(Instant.parse(saved.path("nextRunAt").asText())).isAfter(Instant.EPOCH);
        assertThat(saved.path("isActive").asBoolean()).isTrue();
        JsonNode listed = listed(account, saved);
        assertThat(listed.fieldNames())
                .toIterable()
                .containsExactly("id", "name", "schedule", "nextRunAt", "lastRunAt", "isActive", "created_at");
        assertThat(listed.path("lastRunAt").isNull()).isTrue();
        JsonNode whole = account.get(pathOf(saved)).expect(200).json();
        assertThat(whole.path("timezone").asText()).isEqualTo("UTC");
        assertThat(whole.path("minRating").asDouble()).isEqualTo(4.0);
        assertThat(whole.path("maxResults").asInt()).isEqualTo(50);
        assertThat(whole.path("notifyEmail").asBoolean(true)).isFalse();
    }

    private static JsonNode listed(Account owner, JsonNode search) {
        for (JsonNode listed : owner.get(PATH).expect(200).json().path("searches")) {
            if (listed.path("id").equals(search.path("id"))) {
                return listed;
            }
        }
        throw new AssertionError("The list lacks " + search);
    }

    @Test
    void aSearchIsChangedPausedAndDeleted() {
        JsonNode saved = save(account, ", \"minRating\": 4.0, \"notifyEmail\": \"leads@example.com\"");

        Reply reply = account.put(
                pathOf(saved),
                TaskRequest.parse(
                        "{\"schedule\": \"0 10 * * MON\", \"minRating\": null, \"timezone\": \"Asia/Kolkata\"}"));
        assertThat(reply.expect(200).json()).isEqualTo(TaskRequest.parse("{\"status\": \"updated\"}"));
        JsonNode changed = account.get(pathOf(saved)).expect(200).json();
        assertThat(changed.path("nextRunAt").asText()).endsWith("T04:30:00Z");
        assertThat(changed.has("minRating")).isFalse();
        assertThat(changed.path("name").asText()).isEqualTo("Weekly Leads");
        assertThat(changed.path("notifyEmail").asText()).isEqualTo("leads@example.com");
        account.put(pathOf(saved), TaskRequest.parse("{\"isActive\": false, \"notifyEmail\": true}"))
                .expect(200);
        JsonNode paused = account.get(pathOf(saved)).expect(200).json();
        assertThat(paused.path("nextRunAt").isNull()).isTrue();
        assertThat(paused.path("notifyEmail").isBoolean()).isTrue();
        account.put(pathOf(saved), TaskRequest.parse("{\"isActive\": true}")).expect(200);
        assertThat(listed(account, saved).path("nextRunAt").asText()).endsWith("T04:30:00Z");
        assertThat(account.delete(pathOf(saved)).expect(200).json())
                .isEqualTo(TaskRequest.parse("{\"status\": \"deleted\"}"));
        assertThat(account.get(pathOf(saved)).expect(404).json())
                .isEqualTo(TaskRequest.parse("{\"error\": \"Saved search not found\"}"));
    }

    @Test
    void aSearchThatIsDueBecomesAJobAndHasItInItsHistory() {
        Account owner = service.register();
        JsonNode saved =
                save(owner, ", \"maxResults\": 3, \"notifyWebhook\": true, \"notifyEmail\": true, \"onlyNew\": true");
        makeDue(saved);

        JsonNode run = awaitRun(owner, saved);

        assertThat(run.fieldNames())
                .toIterable()
                .contains(
                        "jobId",
                        "scheduledFor",
                        "startedAt",
                        "completedAt",
                        "resultCount",
                        "creditsUsed",
                        "status",
                        "error");
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("completed");
        assertThat(run.path("resultCount").asInt()).isEqualTo(3);
        assertThat(run.path("newCount").asInt()).isEqualTo(3);
        assertThat(run.path("creditsUsed").asInt()).isEqualTo(3);
        assertThat(owner.credits()).isEqualTo(97);
        JsonNode job = owner.job(run.path("jobId").asText());
        assertThat(job.path("status").asText()).isEqualTo("completed");
        assertThat(job.at("/params/searchTerms").asText()).isEqualTo("coffee");
        assertThat(job.path("params").has("schedule")).isFalse();
        JsonNode listed = listed(owner, saved);
        assertThat(listed.path("lastRunAt")).isEqualTo(run.path("scheduledFor"));
        assertThat(listed.path("nextRunAt").asText()).endsWith("T09:00:00Z");

        makeDue(saved);
        await().atMost(Duration.ofSeconds(30)).until(() -> !run(owner, saved, 1).isMissingNode());
        assertThat(awaitRun(owner, saved).path("newCount").asInt()).isZero();
        Reply archive = owner.get("/auth/me/export").expect(200);
        assertThat(new String(archive.body(), StandardCharsets.ISO_8859_1))
                .contains("searches/" + saved.path("id").asText() + "/search.json")
                .contains("searches/" + saved.path("id").asText() + "/runs.jsonl");
    }

    @Test
    void aRunWithoutCreditsIsInTheHistory() {
        Account owner = service.register();
        JsonNode saved = save(owner, ", \"maxResults\": 101");
        makeDue(saved);

        JsonNode run = awaitRun(owner, saved);

        assertThat(run.path("status").asText()).isEqualTo("failed");
        assertThat(run.path("jobId").isNull()).isTrue();
        assertThat(run.path("error").asText())
                .isEqualTo("Insufficient credits: the search needs 101, and 100 are available");
        assertThat(owner.credits()).isEqualTo(100);
    }

    @Test
    void permissionsAreThoseOfReadingCreatingChangingAndDeleting() {
        JsonNode saved = save(account, "");
        String reader = account.newKey("prod", "tasks:read");
        for (String path : List.of(PATH, pathOf(saved), pathOf(saved) + "/history")) {
            service.call("GET", path).as(reader).send().expect(200);
        }
        JsonNode change = TaskRequest.parse("{\"name\": \"Other\"}");
        service.call("PUT", pathOf(saved)).as(reader).json(change).send().expect(403);
        service.call("DELETE", pathOf(saved)).as(reader).send().expect(403);
        service.call("PUT", pathOf(saved))
                .as(account.newKey("prod", "tasks:update"))
                .json(change)
                .send()
                .expect(200);
        service.call("DELETE", pathOf(saved))
                .as(account.newKey("prod", "tasks:delete"))
                .send()
                .expect(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"schedule\": \"0 9 * *\"} | schedule must be a cron expression of five fields: minute, hour, day of month, month, day of week",
                "{\"schedule\": \"60 9 * * *\"} | schedule is wrong in the field 'minute': '60' is not between 0 and 59",
                "{\"schedule\": \"0 9 * * MOON\"} | schedule is wrong in the field 'day of week': 'MOON' is neither a number nor a name such as MON",
                "{\"schedule\": \"0 0 30 2 *\"} | schedule never comes: in the field 'day of month', no day is in one of the months given",
                "{\"timezone\": \"Mars/Base\"} | timezone must be the name of a time zone of IANA's, such as Europe/Berlin or UTC",
                "{\"provider\": \"bing\"} | provider must be one of google-maps, openstreetmap",
                "{\"provider\": \"openstreetmap\", \"minRating\": 4} | minRating cannot be used with openstreetmap, which has no ratings",
                "{\"maxResults\": 501} | maxResults must be a whole number from 1 to 500",
                "{\"notifyEmail\": \"nobody\"} | notifyEmail must be true, false or an e-mail address",
                "{\"notifyEmail\": 1} | notifyEmail must be true, false or an e-mail address",
                "{\"isActive\": null} | isActive must be true or false",
                "{\"id\": 7} | id is not a known field",
                "{\"name\": \" \"} | name must be 1 to 255 characters"
            })
    void whatCannotBeMeantIsRefusedInWords(String change, String error) {
        JsonNode saved = save(account, "");
        JsonNode body = TaskRequest.parse(
                "{\"name\": \"n\", \"searchTerms\": \"a\", \"location\": \"b\", \"schedule\": \"@daily\"}");
        ((ObjectNode) body).setAll((ObjectNode) TaskRequest.parse(change));

        Reply created = account.post(PATH, body).expect(400);
        Reply updated = account.put(pathOf(saved), TaskRequest.parse(change)).expect(400);

        assertThat(created.json().path("error").asText()).isEqualTo(error);
        assertThat(updated.json().path("error").asText()).isEqualTo(error);
    }
}
