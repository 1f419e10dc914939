package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;
import io.bactrian.Blameless;

/** No Chromium was found, or no driver for it: the message says what to install. */
public final class BrowserMissingException extends BactrianException implements Blameless {
    private static final long serialVersionUID = 1L;

    BrowserMissingException(String message) {
        super(message);
    }
}
