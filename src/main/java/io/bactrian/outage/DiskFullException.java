package io.bactrian.outage;

import io.bactrian.BactrianException;

/** New work is refused, because its results might not find room on the service's disk. */
public final class DiskFullException extends BactrianException {
    private static final long serialVersionUID = 1L;

    DiskFullException() {
        super(
                "The service's disk is full, so it takes no new work. Try again later; its operator has to free some space.");
    }
}
