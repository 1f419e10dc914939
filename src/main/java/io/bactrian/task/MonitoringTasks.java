package io.bactrian.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The room that has monitoring tasks checked again and again, as it is told of them; each time within the transaction that
 * has the task locked.
 */
public interface MonitoringTasks {

    /**
     * Looks at the config of a task that is about to be accepted.
     *
     * @throws io.bactrian.InvalidInputException with everything that the contract's schema cannot see
     */
    void check(ObjectNode config, Instant now);

    /** Takes on a task that has been accepted, and whose first check has been asked for. */
    void accepted(Task task);

    /**
     * Ends the checks of a task that has been cancelled.
     *
     * @param check the number of the check that was under way, whose rows are still the task's; null where there was none
     */
    void cancelled(Task task, @Nullable Integer check);

    /**
     * Takes note of a check that the service has abandoned, whose rows are still the task's; the task goes on with the next one.
     *
     * @param check its number
     */
    void abandoned(Task task, int check);

    /** Deletes everything that is stored of a task. */
    void deleted(UUID task);
}
