package io.bactrian.task;

import io.bactrian.BactrianException;

/** Something was asked of a task that its status does not allow. */
public final class TaskStateException extends BactrianException {
    private static final long serialVersionUID = 1L;

    public TaskStateException(String message) {
        super(message);
    }
}
