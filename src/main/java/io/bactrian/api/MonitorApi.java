package io.bactrian.api;

import io.bactrian.account.Caller;
import io.bactrian.account.Permission;
import io.bactrian.account.PermissionDeniedException;
import io.bactrian.api.contract.Parameters;
import io.bactrian.billing.Plans;
import io.bactrian.monitor.MonitorHistory;
import io.bactrian.monitor.Monitors;
import io.bactrian.task.Tasks;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Selextract's operations on monitoring tasks that other tasks do not have. */
@Component
public class MonitorApi {
    private final Monitors monitors;
    private final MonitorHistory history;
    private final Tasks tasks;
    private final TaskViews views;
    private final Plans plans;

    MonitorApi(Monitors monitors, MonitorHistory history, Tasks tasks, TaskViews views, Plans plans) {
        this.monitors = monitors;
        this.history = history;
        this.tasks = tasks;
        this.views = views;
        this.plans = plans;
    }

    /** What the checks of a task have seen change; nothing for tasks that are not checked. */
    public Answer changes(ApiCall call) {
        UUID id = TaskApi.taskId(call);
        tasks.find(call.accountId(), id);
        Parameters parameters = call.parameters();
        int page = parameters.integer("page");
        int pageSize = parameters.integer("page_size");
        MonitorHistory.ChangePage found = history.changes(id, page, pageSize);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Total-Count", Long.toString(found.total()));
        String links = PageLinks.of("/tasks/" + id + "/changes", page, pageSize, found.total());
        if (!links.isEmpty()) {
            headers.put("Link", links);
        }
        return new Answer(200, headers, new Answer.Json(found.changes()));
    }

    public Answer pause(ApiCall call) {
        UUID id = TaskApi.taskId(call);
        monitors.pause(call.accountId(), id);
        return Answer.ok(views.of(tasks.find(call.accountId(), id)));
    }

    public Answer resume(ApiCall call) {
        UUID id = TaskApi.taskId(call);
        Caller caller = call.caller();
        // What does not exist for the account is 404 for every key.
        tasks.find(call.accountId(), id);
        if (caller.testKey()) {
            throw new PermissionDeniedException(
                    Permission.TASKS_UPDATE, "A test key cannot resume monitoring tasks: use a production key.");
        }
        monitors.resume(
                call.accountId(), id, plans.selextract(caller.selextractPlan()).monitors());
        return Answer.ok(views.of(tasks.find(call.accountId(), id)));
    }
}
