package io.bactrian.monitor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.task.MonitorLimitException;
import io.bactrian.task.MonitoringTasks;
import io.bactrian.task.Task;
import io.bactrian.task.TaskChecks;
import io.bactrian.task.TaskLog.Level;
import io.bactrian.task.TaskStateException;
import io.bactrian.task.TaskType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What clients do with monitoring tasks, beside what they do with every task: pause and resume them, and see where they are. */
@Service
public class Monitors implements MonitoringTasks {
    private final MonitorStore store;
    private final TaskChecks checks;
    private final Clock clock;

    Monitors(MonitorStore store, TaskChecks checks, Clock clock) {
        this.store = store;
        this.checks = checks;
        this.clock = clock;
    }

    @Override
    public void check(ObjectNode config, Instant now) {
        MonitorConfiguration.read(config, now);
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void accepted(Task task, int most) {
        requireFree(task.accountId(), most);
        store.insert(task.id(), first(task), task.createdAt());
    }

    private static @Nullable Instant first(Task task) {
        return MonitorConfiguration.read(task.config(), task.createdAt())
                .schedule()
                .next(task.createdAt())
                .orElse(null);
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void cancelled(Task task) {
        store.ended(task.id());
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void checkCancelled(Task task, int check) {
        Instant now = clock.instant();
        store.keepRows(task.id(), check, now);
        store.find(task.id()).ifPresent(monitor -> store.checked(task.id(), check, now, false, monitor.toldOfUnits()));
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void abandoned(Task task, int check) {
        Instant now = clock.instant();
        store.keepRows(task.id(), check, now);
        store.find(task.id()).ifPresent(monitor -> store.checked(task.id(), check, now, true, monitor.toldOfUnits()));
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void deleted(UUID task) {
        store.delete(task);
    }

    /** Where a task was when it was accepted. */
    public MonitorStatus initial(Task task) {
        Instant next = first(task);
        return new MonitorStatus(next == null ? null : next.truncatedTo(ChronoUnit.MILLIS), null, 0, false, 0);
    }

    /** Where monitoring tasks are, by their ids; others have no entry. */
    public Map<UUID, MonitorStatus> statuses(List<UUID> tasks) {
        Map<UUID, MonitorStatus> statuses = new HashMap<>();
        store.find(tasks).forEach((task, monitor) -> statuses.put(task, monitor.status()));
        return statuses;
    }

    /**
     * Lets a task rest: no check begins before it is resumed. One that has been asked for goes on.
     *
     * @throws NotFoundException when the account has no such task
     * @throws TaskStateException when it is no monitoring task, or has ended
     */
    @Transactional
    public void pause(UUID accountId, UUID id) {
        Task task = open(accountId, id);
        if (!isPaused(id)) {
            store.schedule(id, true, null);
            checks.note(task.id(), Level.INFO, "Paused", Map.of());
        }
    }

    /**
     * Goes on with a task that rests, at the next time of its schedule.
     *
     * @param most how many tasks of the account may be checked by schedule
     * @throws MonitorLimitException when there are as many already
     * @throws NotFoundException when the account has no such task
     * @throws TaskStateException when it is no monitoring task, or has ended
     */
    @Transactional
    public void resume(UUID accountId, UUID id, int most) {
        Task task = open(accountId, id);
        if (isPaused(id)) {
            requireFree(accountId, most);
            store.schedule(
                    id,
                    false,
                    MonitorConfiguration.read(task.config(), task.createdAt())
                            .schedule()
                            .next(clock.instant())
                            .orElse(null));
            checks.note(id, Level.INFO, "Resumed", Map.of());
        }
    }

    private void requireFree(UUID accountId, int most) {
        if (store.countActive(accountId) >= most) {
            throw new MonitorLimitException(most);
        }
    }

    private boolean isPaused(UUID task) {
        return store.find(task)
                .map(monitor -> monitor.status().paused())
                .orElseThrow(() -> new IllegalStateException("Monitoring task %s has no monitor.".formatted(task)));
    }

    private Task open(UUID accountId, UUID id) {
        Task task = checks.lock(id)
                .filter(found -> found.accountId().equals(accountId))
                .orElseThrow(() -> new NotFoundException("Task"));
        if (task.type() != TaskType.MONITORING) {
            throw new TaskStateException("This task is of the type %s; only monitoring tasks can be paused and resumed."
                    .formatted(task.type().code()));
        }
        if (task.status().ended()) {
            throw new TaskStateException("This task is %s and can no longer be paused or resumed. Create another one."
                    .formatted(task.status().code()));
        }
        return task;
    }
}
