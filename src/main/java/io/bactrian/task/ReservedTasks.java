package io.bactrian.task;

import io.bactrian.credit.OpenWork;
import org.springframework.stereotype.Component;

/** Tasks that have not ended: each holds the compute units of all its pages until it does. */
@Component
final class ReservedTasks implements OpenWork {

    @Override
    public String query() {
        return """
                SELECT account_id, 'compute_units' AS currency, 'task:' || id AS reference, units_estimated AS amount
                  FROM task WHERE status IN ('pending', 'running') AND units_estimated > 0""";
    }
}
