package io.bactrian.job;

import io.bactrian.BactrianException;

/** A job that belongs to another account. */
public final class JobAccessDeniedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    JobAccessDeniedException() {
        super("Access denied");
    }
}
