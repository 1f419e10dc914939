package io.bactrian;

/**
 * Root of every exception that Bactrian throws on purpose.
 *
 * <p>Its message is meant for the person who caused it: it says what is wrong and what to do. The {@code api} room turns
 * each subclass into an HTTP answer; anything that is not a subclass is a defect and answers 500 without its message.
 */
public abstract class BactrianException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected BactrianException(String message) {
        super(OutsideText.clean(message));
    }

    protected BactrianException(String message, Throwable cause) {
        super(OutsideText.clean(message), cause);
    }
}
