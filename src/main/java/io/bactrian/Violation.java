package io.bactrian;

/**
 * One thing that is wrong with what a client sent.
 *
 * @param field the path of the offending value as a client would write it, such as {@code config.urls[3]}; for a parameter
 *     or header its name; empty for the body as a whole
 * @param message one sentence that says what is wrong and what is expected
 */
public record Violation(String field, String message) {
    public Violation {
        field = OutsideText.clean(field);
        message = OutsideText.clean(message);
    }

    /** The message as a sentence that stands alone: a mere predicate, such as "is not a known field", gets the field before it. */
    public String sentence() {
        return !field.isEmpty() && (message.startsWith("is ") || message.startsWith("must "))
                ? field + ' ' + message
                : message;
    }
}
