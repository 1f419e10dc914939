package io.bactrian.task;

import io.bactrian.BactrianException;

/** An account wanted more monitoring tasks checked by schedule than its plan includes. */
public final class MonitorLimitException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** @param most how many the plan includes */
    public MonitorLimitException(int most) {
        super("The plan includes %d active monitoring %s. Pause or delete one first, or choose a higher plan."
                .formatted(most, most == 1 ? "task" : "tasks"));
    }
}
