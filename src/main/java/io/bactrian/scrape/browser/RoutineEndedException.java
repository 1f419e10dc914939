package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;
import io.bactrian.scrape.page.PageFailure;

/** Ends a routine whose page cannot be had any more; it passes through code that knows nothing of pages. */
@SuppressWarnings("serial") // never leaves its thread
final class RoutineEndedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final transient PageFailure failure;

    RoutineEndedException(PageFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    PageFailure failure() {
        return failure;
    }
}
