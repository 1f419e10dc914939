package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;
import io.bactrian.Blameless;

/** A browser that did not start, or was closed because the service stops: the page is not to blame, and nothing of it is kept. */
public final class BrowserFailedException extends BactrianException implements Blameless {
    private static final long serialVersionUID = 1L;

    BrowserFailedException(String message) {
        super(message);
    }

    BrowserFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
