package io.bactrian.api.contract;

import io.bactrian.BactrianException;

/** A body in a media type or character set that the operation does not read (RFC 9110 section 15.5.16). */
public final class UnsupportedMediaTypeException extends BactrianException {
    private static final long serialVersionUID = 1L;

    UnsupportedMediaTypeException() {
        super("Send the body as JSON in UTF-8, with Content-Type: application/json.");
    }

    private UnsupportedMediaTypeException(String message) {
        super(message);
    }

    static UnsupportedMediaTypeException form() {
        return new UnsupportedMediaTypeException(
                "Send the body as a form in UTF-8, with Content-Type: application/x-www-form-urlencoded.");
    }
}
