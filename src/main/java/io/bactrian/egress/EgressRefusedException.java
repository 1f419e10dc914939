package io.bactrian.egress;

import io.bactrian.BactrianException;

/** A URL that this service may not request: its form, its port or its address is outside the policy. */
public final class EgressRefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    public EgressRefusedException(String message) {
        super(message);
    }
}
