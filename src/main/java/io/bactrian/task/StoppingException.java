package io.bactrian.task;

import io.bactrian.BactrianException;
import io.bactrian.Blameless;

/** Work that was left because the process stops: its message is delivered again, to the next process. */
final class StoppingException extends BactrianException implements Blameless {
    private static final long serialVersionUID = 1L;

    StoppingException(String message) {
        super(message);
    }
}
