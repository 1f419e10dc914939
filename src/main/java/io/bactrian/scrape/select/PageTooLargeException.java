package io.bactrian.scrape.select;

import io.bactrian.BactrianException;

/** A page whose parsed form would take more memory than this node gives to one page. */
public final class PageTooLargeException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** @param most the memory that one page may take, in bytes */
    PageTooLargeException(long most) {
        super("The page has too many elements: once parsed it would take more than %d MB of memory."
                .formatted(Math.max(1, most >> 20)));
    }
}
