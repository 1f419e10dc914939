package io.bactrian.billing;

import io.bactrian.BactrianException;
import java.util.List;

/** Plans, packages or prices that cannot be sold as they are configured; the message has a line for each mistake. */
final class InvalidPlansException extends BactrianException {
    private static final long serialVersionUID = 1L;

    InvalidPlansException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
