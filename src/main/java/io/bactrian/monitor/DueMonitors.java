package io.bactrian.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import io.bactrian.task.Task;
import io.bactrian.task.TaskChecks;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The monitoring tasks whose time has come.
 *
 * <p>A check fires once, whatever the number of nodes: whoever finds it due writes that down, computes the next time and writes
 * the message in one transaction, and passes over what another has locked. From then on until the check is over no other one
 * fires; times that come meanwhile, or while the service is down, make one check when it is over.
 */
@Service
public class DueMonitors {
    private static final Logger LOG = LoggerFactory.getLogger(DueMonitors.class);
    private static final int MOST = 100;

    private final MonitorStore store;
    private final MonitorChecks monitorChecks;
    private final TaskChecks checks;
    private final Outbox outbox;
    private final Recovery recovery;
    private final TransactionTemplate transactions;
    private final ObjectMapper json;
    private final Clock clock;

    DueMonitors(
            MonitorStore store,
            MonitorChecks monitorChecks,
            TaskChecks checks,
            Outbox outbox,
            Recovery recovery,
            TransactionTemplate transactions,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.monitorChecks = monitorChecks;
        this.checks = checks;
        this.outbox = outbox;
        this.recovery = recovery;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /** Asks for a check of a monitor; the number tells repetitions. */
    record Request(UUID task, int number) {}

    /** Fires the checks that are due: some in each transaction, until none is left. */
    public void fire() {
        int fired;
        do {
            fired = transactions.execute(status -> fireSome());
        } while (fired == MOST);
    }

    private int fireSome() {
        Instant now = clock.instant();
        List<UUID> due = store.lockDue(now, MOST);
        Map<UUID, MonitorStore.Monitor> monitors = store.find(due);
        for (UUID id : due) {
            store.fired(id, now, next(id, now));
            outbox.write(
                    Destination.MONITORS_CHECK,
                    new Request(id, Objects.requireNonNull(monitors.get(id)).number()),
                    Map.of(),
                    null);
        }
        return due.size();
    }

    /** The next time, or null where there is none; one broken configuration keeps no other monitor from firing. */
    private @Nullable Instant next(UUID id, Instant now) {
        try {
            return checks.find(id)
                    .flatMap(task -> MonitorConfiguration.read(task.config(), task.createdAt())
                            .schedule()
                            .next(now))
                    .orElse(null);
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            LOG.error(
                    "Monitoring task {} has a schedule that this version cannot read; it has no further check", id, e);
            return null;
        }
    }

    /**
     * Begins the check of a monitor: it has its units reserved and waits for its turn; without units it is over at once.
     *
     * <p>A repeated request, and one for a task that has ended, changes nothing.
     */
    @Transactional
    public void begin(String message) throws JsonProcessingException {
        Request request = json.readValue(message, Request.class);
        Task task = checks.lock(request.task()).orElse(null);
        MonitorStore.Monitor monitor = store.find(request.task()).orElse(null);
        if (task == null
                || task.status().ended()
                || monitor == null
                || monitor.firedAt() == null
                || monitor.number() != request.number()
                || checks.isUnderWay(task.id())) {
            return;
        }
        if (checks.affordable(task)) {
            checks.request(task, request.number());
        } else {
            monitorChecks.withoutUnits(task, monitor);
        }
    }

    /**
     * Asks again for checks that were asked for long ago and never came to be. One that has failed to begin after its last
     * request is over, as failed.
     */
    public void reissueLost() {
        Recovery.forEach(store.hopeless(), "abandon the check of monitoring task", this::abandon);
        transactions.executeWithoutResult(status -> store.claimLost()
                .forEach(monitor -> outbox.write(
                        Destination.MONITORS_CHECK, new Request(monitor.task(), monitor.number()), Map.of(), null)));
    }

    private void abandon(UUID id) {
        boolean abandoned = Boolean.TRUE.equals(transactions.execute(status -> {
            Task task = checks.lock(id).orElse(null);
            MonitorStore.Monitor monitor = store.find(id).orElse(null);
            if (task == null || monitor == null || monitor.firedAt() == null || checks.isUnderWay(id)) {
                return false;
            }
            monitorChecks.notBegun(task, monitor);
            return true;
        }));
        if (abandoned) {
            recovery.abandoned("check", "task:" + id, "The check could not begin, and counts as failed.");
        }
    }
}
