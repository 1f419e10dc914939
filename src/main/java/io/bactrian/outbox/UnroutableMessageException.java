package io.bactrian.outbox;

import io.bactrian.BactrianException;

/** The routes do not say where a message goes. */
final class UnroutableMessageException extends BactrianException {
    private static final long serialVersionUID = 1L;

    UnroutableMessageException(String destination) {
        super(
                "The route outbox-send has no branch for the destination \"%s\"; its messages wait in the table outbox. Add the branch to ops.camel.yaml, or run the version of the service that knows it."
                        .formatted(destination));
    }
}
