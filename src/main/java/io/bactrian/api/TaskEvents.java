package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.task.TaskProgress;
import io.bactrian.task.Tasks;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The operation that streams a task's progress. */
@Component
public class TaskEvents {
    private final Tasks tasks;
    private final TaskProgress progress;
    private final TaskViews views;
    private final EventStream events;

    TaskEvents(Tasks tasks, TaskProgress progress, TaskViews views, EventStream events) {
        this.tasks = tasks;
        this.progress = progress;
        this.views = views;
        this.events = events;
    }

    private record Progress(
            @JsonProperty("task_id") UUID taskId,
            String status,
            int progress,
            @JsonProperty("pages_done") int pagesDone,
            @JsonProperty("pages_total") int pagesTotal) {}

    public Answer stream(ApiCall call) {
        UUID accountId = call.accountId();
        UUID id = TaskApi.taskId(call);
        progress.of(accountId, id);
        return events.of(
                call.caller(),
                () -> progress.of(accountId, id),
                now -> now.status().ended(),
                now -> new Progress(id, now.status().code(), now.percent(), now.pagesDone(), now.pagesTotal()),
                () -> views.of(tasks.find(accountId, id)));
    }
}
