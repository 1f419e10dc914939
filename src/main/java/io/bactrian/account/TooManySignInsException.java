package io.bactrian.account;

import io.bactrian.BactrianException;
import java.time.Duration;

/** A sign-in that has to wait, because too many before it have failed. */
public final class TooManySignInsException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final Duration wait;

    TooManySignInsException(Duration wait) {
        super("Too many failed sign-ins");
        this.wait = wait;
    }

    /** How long the next sign-in has to wait, more than zero. */
    public Duration waitingTime() {
        return wait;
    }
}
