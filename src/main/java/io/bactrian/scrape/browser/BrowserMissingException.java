package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;

/** No Chromium was found, or no driver for it: the message says what to install. */
public final class BrowserMissingException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BrowserMissingException(String message) {
        super(message);
    }
}
