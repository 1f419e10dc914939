package io.bactrian.task;

import io.bactrian.credit.OpenWork;
import org.springframework.stereotype.Component;

/**
 * Tasks that have not ended: each holds the compute units of all its pages until it does, a monitoring task those of its
 * check. A cancelled task ends when the steps under way have stored their pages, and has its cursor until then.
 */
@Component
final class ReservedTasks implements OpenWork {

    @Override
    public String query() {
        return """
                SELECT account_id, 'compute_units' AS currency, 'task:' || id AS reference, units_estimated AS amount
                  FROM task
                 WHERE status IN ('pending', 'running') AND task_type <> 'monitoring' AND units_estimated > 0
                UNION ALL
                SELECT t.account_id, 'compute_units', 'task:' || t.id, t.units_estimated
                  FROM task_cursor c JOIN task t ON t.id = c.task_id
                 WHERE t.status = 'cancelled' AND t.task_type <> 'monitoring' AND t.units_estimated > 0
                UNION ALL
                SELECT t.account_id, 'compute_units', 'task:' || t.id || ':check:' || c.number, c.units
                  FROM task_check c JOIN task t ON t.id = c.task_id WHERE c.units > 0""";
    }
}
