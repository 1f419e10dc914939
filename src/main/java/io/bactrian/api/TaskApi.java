package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.account.Caller;
import io.bactrian.api.contract.Parameters;
import io.bactrian.task.Task;
import io.bactrian.task.TaskFilter;
import io.bactrian.task.TaskLog;
import io.bactrian.task.TaskPage;
import io.bactrian.task.TaskProgress;
import io.bactrian.task.TaskStatus;
import io.bactrian.task.TaskSubmission;
import io.bactrian.task.TaskType;
import io.bactrian.task.Tasks;
import io.bactrian.webhook.WebhookUrls;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Selextract's operations on tasks: a request becomes a call of the {@code task} room, its result an answer. */
@Component
public class TaskApi {
    private static final int DEFAULT_PRIORITY = 5;

    /**
     * How long after a task's creation a look at it waits for its end. A client that asks at once whether its one page is
     * there gets the answer it wants instead of {@code pending}.
     */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private final Tasks tasks;
    private final TaskLog log;
    private final TaskProgress progress;
    private final TaskViews views;
    private final WebhookUrls webhookUrls;
    private final Clock clock;

    TaskApi(Tasks tasks, TaskLog log, TaskProgress progress, TaskViews views, WebhookUrls webhookUrls, Clock clock) {
        this.tasks = tasks;
        this.log = log;
        this.progress = progress;
        this.views = views;
        this.webhookUrls = webhookUrls;
        this.clock = clock;
    }

    /**
     * What a createTask call submits.
     *
     * @throws io.bactrian.InvalidInputException if nothing may be sent to its {@code webhook_url}
     */
    public TaskSubmission submission(ApiCall call) {
        ObjectNode body = call.object();
        Caller caller = call.caller();
        JsonNode webhookUrl = body.path("config").path("webhook_url");
        if (webhookUrl.isTextual()) {
            ((ObjectNode) body.path("config"))
                    .put("webhook_url", webhookUrls.check("config.webhook_url", webhookUrl.asText()));
        }
        return new TaskSubmission(
                caller.accountId(),
                caller.selextractPlan(),
                caller.testKey(),
                body.path("name").asText(),
                text(body, "description"),
                TaskType.of(body.path("task_type").asText()),
                body.path("priority").asInt(DEFAULT_PRIORITY),
                (ObjectNode) body.path("config"),
                call.idempotency(),
                call.isMessage());
    }

    public Answer created(Task task) {
        return new Answer(201, Map.of("Location", "/tasks/" + task.id()), new Answer.Json(views.created(task)));
    }

    /** The task as it is; a very young one that is to end, once it has ended or is no longer so young. */
    public Answer get(ApiCall call) throws InterruptedException {
        UUID id = taskId(call);
        Task task = tasks.find(call.accountId(), id);
        boolean waited = false;
        while (!task.status().ended() && task.type() != TaskType.MONITORING && isYoung(task)) {
            waited = true;
            TaskProgress.Snapshot snapshot = progress.of(call.accountId(), id);
            if (snapshot.status().ended()) {
                break;
            }
            Thread.sleep(20);
        }
        return Answer.ok(views.of(waited ? tasks.find(call.accountId(), id) : task));
    }

    private boolean isYoung(Task task) {
        return task.createdAt().plus(YOUNG).isAfter(clock.instant());
    }

    public Answer list(ApiCall call) {
        Parameters parameters = call.parameters();
        TaskFilter filter = new TaskFilter(
                parameters.integer("page"),
                parameters.integer("page_size"),
                TaskFilter.Sort.valueOf(upper(parameters.text("sort_by"), "CREATED_AT")),
                "asc".equals(parameters.text("sort_order")),
                parameters.list("status").stream()
                        .map(status -> TaskStatus.valueOf(status.toUpperCase(Locale.ROOT)))
                        .toList(),
                parameters.list("task_type").stream().map(TaskType::of).toList(),
                parameters.instant("created_after"),
                parameters.instant("created_before"),
                parameters.text("name_contains"));
        TaskPage page = tasks.list(call.accountId(), filter);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Total-Count", Long.toString(page.total()));
        String links = PageLinks.of("/tasks", parameters, filter.page(), filter.pageSize(), page.total());
        if (!links.isEmpty()) {
            headers.put("Link", links);
        }
        return new Answer(200, headers, new Answer.Json(views.of(page.tasks())));
    }

    public Answer update(ApiCall call) {
        ObjectNode body = call.object();
        return Answer.ok(views.of(tasks.update(
                call.accountId(),
                taskId(call),
                text(body, "name"),
                body.has("description"),
                text(body, "description"),
                body.hasNonNull("priority") ? body.path("priority").asInt() : null)));
    }

    public Answer delete(ApiCall call) {
        boolean cancelled = tasks.cancelOrDelete(call.accountId(), taskId(call));
        return Answer.ok(Map.of("message", cancelled ? "Task cancelled successfully" : "Task deleted successfully"));
    }

    private record LogEntry(
            UUID id,
            @JsonProperty("task_id") UUID taskId,
            String level,
            String message,
            Instant timestamp,
            Map<String, Object> metadata) {}

    private record LogPage(
            @JsonProperty("task_id") UUID taskId,
            List<LogEntry> logs,
            @JsonProperty("total_count") long totalCount,
            int page,
            @JsonProperty("page_size") int pageSize) {}

    public Answer logs(ApiCall call) {
        UUID id = taskId(call);
        // Only to answer 404 for a task that is not the caller's.
        progress.of(call.accountId(), id);
        int page = call.parameters().integer("page");
        int pageSize = call.parameters().integer("page_size");
        TaskLog.Page found = log.read(id, page, pageSize);
        List<LogEntry> entries = new ArrayList<>();
        for (TaskLog.Entry entry : found.entries()) {
            entries.add(new LogEntry(
                    entry.id(),
                    id,
                    entry.level().name(),
                    entry.message(),
                    TaskView.millis(entry.at()),
                    entry.metadata()));
        }
        return Answer.ok(new LogPage(id, entries, found.total(), page, pageSize));
    }

    /** @throws NotFoundException when the path has no UUID: no task can have another id */
    static UUID taskId(ApiCall call) {
        UUID id = call.id("task_id");
        if (id == null) {
            throw new NotFoundException("Task");
        }
        return id;
    }

    private static @Nullable String text(JsonNode body, String name) {
        return body.hasNonNull(name) ? body.path(name).asText() : null;
    }

    private static String upper(@Nullable String value, String otherwise) {
        return value == null ? otherwise : value.toUpperCase(Locale.ROOT);
    }
}
