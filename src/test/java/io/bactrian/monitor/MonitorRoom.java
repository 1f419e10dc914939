package io.bactrian.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.event.Events;
import io.bactrian.mail.MailRoom;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import io.bactrian.task.Admission;
import io.bactrian.task.Task;
import io.bactrian.task.TaskRoom;
import io.bactrian.task.TaskSubmission;
import io.bactrian.task.TaskType;
import io.bactrian.task.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.context.annotation.Bean;

/**
 * Monitoring tasks on a real database, with the test in the place of the broker, of the clock's tick and of the pages.
 *
 * <p>Pages are JSON objects by URL; one that is not there answers 404.
 */
final class MonitorRoom implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    /** One task of an account runs at once, so that a place that is not given back is noticed. */
    private final TaskRoom room;

    final Map<String, String> pages = new HashMap<>();

    MonitorRoom() {
        this(MailRoom.class);
    }

    /** @param mail the beans of {@link MailRoom}, with or without a mail server */
    MonitorRoom(Class<?> mail) {
        room = new TaskRoom(
                1,
                MonitorStore.class,
                Monitors.class,
                DueMonitors.class,
                MonitorChecks.class,
                MonitorNotices.class,
                MonitorHistory.class,
                Settings.class,
                Events.class,
                mail);
    }

    /** Keeps little, so that what goes is soon to be seen. */
    static final class Settings {
        @Bean
        MonitorProperties monitorProperties() {
            return new MonitorProperties(10, Duration.ofDays(90));
        }
    }

    TaskRoom tasks() {
        return room;
    }

    /** A new task of an account, checked every hour at first, with changes to its config. */
    Task create(UUID account, List<String> urls, String config) {
        return submit(account, TaskType.MONITORING, urls, config);
    }

    Task submit(UUID account, TaskType type, List<String> urls, String changes) {
        ObjectNode config = JSON.createObjectNode();
        config.set("urls", JSON.valueToTree(urls));
        config.putObject("selectors").put("price", ".price");
        if (type == TaskType.MONITORING) {
            config.put("schedule", "hourly");
        }
        config.setAll((ObjectNode) json(changes));
        return room.get(Tasks.class)
                .submit(new TaskSubmission(account, "free", false, "Watch", null, type, 5, config, null, false));
    }

    /** Delivers everything that the outbox has, until nothing is left but what leaves the service. */
    void deliver() {
        boolean more = true;
        while (more) {
            more = deliverOnce();
        }
    }

    private boolean deliverOnce() {
        List<String> checks = room.take("MONITORS_CHECK");
        checks.forEach(this::begin);
        List<String> admissions = room.take("TASKS_ADMIT");
        admissions.forEach(this::admit);
        room.runLanes(this::fetch);
        List<String> checked = room.take("MONITORS_CHECKED");
        checked.forEach(this::end);
        return checks.size() + admissions.size() + checked.size() > 0;
    }

    void begin(String message) {
        try {
            room.get(DueMonitors.class).begin(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(message, e);
        }
    }

    void admit(String message) {
        try {
            room.get(Admission.class).admit(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(message, e);
        }
    }

    void end(String message) {
        try {
            room.get(MonitorChecks.class).end(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(message, e);
        }
    }

    Outcome fetch(PageRequest page) {
        String data = pages.get(page.url());
        PageMetadata metadata = new PageMetadata(page.url(), 200, "text/html", Instant.EPOCH, 1, 1);
        return data == null
                ? new Outcome.Failed(ErrorCode.HTTP_4XX, "The site answered 404.", false, null, metadata)
                : new Outcome.Scraped(data, metadata);
    }

    /** An hour passes, and what is due is checked. */
    void hour() {
        room.clock().advance(Duration.ofHours(1));
        fire();
        deliver();
    }

    void fire() {
        room.get(DueMonitors.class).fire();
    }

    MonitorStatus status(Task task) {
        return Objects.requireNonNull(
                room.get(Monitors.class).statuses(List.of(task.id())).get(task.id()));
    }

    Task task(Task task) {
        return room.get(Tasks.class).find(task.accountId(), task.id());
    }

    List<MonitorHistory.Row> rows(Task task) {
        List<MonitorHistory.Row> rows = new ArrayList<>();
        try {
            room.get(MonitorHistory.class).read(task.id(), rows::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    List<MonitorHistory.Change> changes(Task task) {
        return room.get(MonitorHistory.class).changes(task.id(), 1, 1_000).changes();
    }

    /** The data of the events of that type that were published since the last call. */
    List<JsonNode> events(String type) {
        List<JsonNode> events = new ArrayList<>();
        for (String message : room.messages("TASKS_EVENTS")) {
            JsonNode event = json(message);
            if (event.path("type").asText().equals(type)) {
                events.add(event.path("data"));
            }
        }
        room.take("TASKS_EVENTS");
        return events;
    }

    List<JsonNode> mails() {
        return room.take("MAILS_SEND").stream()
                .map(letter -> json(letter).path("mail"))
                .toList();
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    @Override
    public void close() {
        room.close();
    }
}
