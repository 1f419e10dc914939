package io.bactrian.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

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

    /**
     * Takes on a task that has been accepted, and whose first check is asked for next.
     *
     * @param most how many tasks of its account may be checked by schedule
     * @throws MonitorLimitException if there are as many already
     */
    void accepted(Task task, int most);

    /** Lets no further check of a task begin, because it has been cancelled. */
    void cancelled(Task task);

    /** Keeps what the check of a cancelled task has stored; its rows are still the task's. */
    void checkCancelled(Task task, int check);

    /**
     * Takes note of a check that the service has abandoned, whose rows are still the task's; the task goes on with the next one.
     *
     * @param check its number
     */
    void abandoned(Task task, int check);

    /** Deletes everything that is stored of a task. */
    void deleted(UUID task);
}
