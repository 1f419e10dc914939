package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;

/** A browser that did not start, or died under a page; the page is to be tried again with another one. */
public final class BrowserFailedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BrowserFailedException(String message) {
        super(message);
    }

    BrowserFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
