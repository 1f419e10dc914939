package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RunningService.class)
class TaskEventsTest {
    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    TaskEventsTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    private record Event(String name, JsonNode data) {}

    @Test
    void progressIsToldWhileTheTaskRunsAndThenItsEnd() {
        site.on("/page", new Visitors().page(Duration.ofMillis(50)));
        String id = account.create(
                TaskRequest.bulk(Visitors.urls(site.url("/page"), 40)).config("batch_size", "2"));

        List<Event> events = follow(id);

        List<Event> progress = events.subList(0, events.size() - 1);
        assertThat(progress).extracting(Event::name).containsOnly("progress").hasSizeGreaterThan(2);
        assertThat(progress)
                .extracting(event -> event.data().path("progress").asInt())
                .isSorted();
        JsonNode last = progress.getLast().data();
        assertThat(last.path("task_id").asText()).isEqualTo(id);
        assertThat(last.path("status").asText()).isEqualTo("completed");
        assertThat(last.path("progress").asInt()).isEqualTo(100);
        assertThat(last.path("pages_done").asInt()).isEqualTo(40);
        assertThat(last.path("pages_total").asInt()).isEqualTo(40);
        assertThat(events.getLast().name()).isEqualTo("end");
        assertThat(events.getLast().data()).isEqualTo(account.task(id));
    }

    @Test
    void theEndOfATaskThatHasEndedComesAtOnce() {
        site.on("/ok", Behaviours.page("<h1>Fine</h1>"));
        String id = account.create(TaskRequest.simple(site.url("/ok")));
        account.awaitEnd(id);

        assertThat(follow(id)).extracting(Event::name).containsExactly("progress", "end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"an sk_ key", "an msk_ key", "a token", "a session", "a closed account"})
    void aStreamEndsWithItsCredential(String kind) {
        site.on("/silent", Behaviours.silence());
        String id = account.create(TaskRequest.simple(site.url("/silent")).config("timeout", "300"));
        String key = account.newKey("prod", "tasks:read");
        JsonNode mapKey = account.post("/auth/api-keys", TaskRequest.parse("{\"name\": \"one\"}"))
                .expect(201)
                .json();
        Call call = service.call("GET", "/tasks/" + id + "/events");
        HttpResponse<Stream<String>> response = (switch (kind) {
                    case "an sk_ key" -> call.as(key);
                    case "an msk_ key" -> call.as(mapKey.findPath("key").asText());
                    case "a session" -> call.header("Cookie", "bactrian_session=" + account.token());
                    default -> call.as(account.token());
                })
                .lines();
        assertThat(response.statusCode()).isEqualTo(200);

        List<String> lines = new ArrayList<>();
        try (Stream<String> body = response.body()) {
            Iterator<String> iterator = body.iterator();
            lines.add(iterator.next());
            switch (kind) {
                case "an sk_ key" -> deactivate(key);
                case "an msk_ key" ->
                    account.delete("/auth/api-keys/" + mapKey.findPath("id").asText())
                            .expect(200);
                case "a closed account" -> account.delete("/auth/me").expect(200);
                default -> account.call("POST", "/auth/logout").send().expect(200);
            }
            iterator.forEachRemaining(lines::add);
        }

        assertThat(lines).startsWith("event: progress").doesNotContain("event: end");
    }

    private void deactivate(String key) {
        for (JsonNode listed : account.get("/api-keys").expect(200).json()) {
            if (key.startsWith(listed.path("key_preview").asText().substring(0, 16))) {
                account.delete("/api-keys/" + listed.path("id").asText()).expect(200);
            }
        }
    }

    private List<Event> follow(String id) {
        HttpResponse<Stream<String>> response = account.call("GET", "/tasks/" + id + "/events")
                .header("Accept", "text/event-stream")
                .lines();
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        List<Event> events = new ArrayList<>();
        try (Stream<String> lines = response.body()) {
            String[] name = {""};
            lines.forEach(line -> {
                if (line.startsWith("event: ")) {
                    name[0] = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    events.add(new Event(name[0], TaskRequest.parse(line.substring(6))));
                }
            });
        }
        return events;
    }
}
