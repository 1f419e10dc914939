package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class TaskEventsTest {
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    TaskEventsTest(Service service) {
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
