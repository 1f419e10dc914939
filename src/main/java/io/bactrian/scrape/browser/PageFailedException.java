package io.bactrian.scrape.browser;

import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.PageFailure;

/** Ends a visit whose page could not be had. */
@SuppressWarnings("serial") // never leaves its thread
final class PageFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient PageFailure failure;

    PageFailedException(PageFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    PageFailedException(ErrorCode code, String message) {
        this(PageFailure.of(code, message));
    }

    PageFailure failure() {
        return failure;
    }
}
