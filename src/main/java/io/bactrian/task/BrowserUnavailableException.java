package io.bactrian.task;

import io.bactrian.BactrianException;

/** A task that needs a browser, on a node that has none. */
public final class BrowserUnavailableException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BrowserUnavailableException() {
        super(
                "This service has no browser that works for advanced_scraping at the moment. Its operator finds the reason"
                        + " in its log; ./bactrian browser installs one.");
    }
}
