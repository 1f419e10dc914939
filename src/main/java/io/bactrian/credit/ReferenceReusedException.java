package io.bactrian.credit;

import io.bactrian.BactrianException;

/** A movement whose reference has moved another amount before: one of the two is a mistake, and nothing is moved. */
public final class ReferenceReusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    ReferenceReusedException(TransferKind kind, Currency currency, String reference, long amount) {
        super(
                "A %s of %s has moved another amount of %s before, and now %d are asked for. Use a reference of its own for each movement."
                        .formatted(kind.column(), reference, currency.column(), amount));
    }
}
