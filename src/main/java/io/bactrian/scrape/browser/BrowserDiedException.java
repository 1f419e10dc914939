package io.bactrian.scrape.browser;

import io.bactrian.BactrianException;

/** A browser that died under a page: by the page's fault, or killed by somebody who knows nothing of the page. */
public final class BrowserDiedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BrowserDiedException(String message, Throwable cause) {
        super(message, cause);
    }
}
