package io.bactrian.api;

import io.bactrian.monitor.MonitorStatus;
import io.bactrian.monitor.Monitors;
import io.bactrian.task.Task;
import io.bactrian.task.TaskType;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Puts together how clients see tasks: the tasks themselves, and where monitoring tasks are with their checks. */
@Component
final class TaskViews {
    private final Monitors monitors;

    TaskViews(Monitors monitors) {
        this.monitors = monitors;
    }

    TaskView of(Task task) {
        return of(List.of(task)).getFirst();
    }

    List<TaskView> of(List<Task> tasks) {
        List<UUID> monitored = tasks.stream()
                .filter(task -> task.type() == TaskType.MONITORING)
                .map(Task::id)
                .toList();
        Map<UUID, MonitorStatus> statuses = monitored.isEmpty() ? Map.of() : monitors.statuses(monitored);
        return tasks.stream()
                .map(task -> TaskView.of(task, statuses.get(task.id())))
                .toList();
    }

    /** The task as it was accepted, also where the call is repeated later. */
    TaskView created(Task task) {
        return TaskView.of(task, task.type() == TaskType.MONITORING ? monitors.initial(task) : null);
    }
}
