package io.bactrian.account.openid;

import io.bactrian.BactrianException;
import org.jspecify.annotations.Nullable;

/** An OpenID provider that could not be reached, or whose answer is not one. */
public final class OpenIdProviderException extends BactrianException {
    private static final long serialVersionUID = 1L;

    OpenIdProviderException(String message) {
        super(message);
    }

    OpenIdProviderException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same failure for another who asks soon after. */
    OpenIdProviderException again() {
        String message = String.valueOf(getMessage());
        @Nullable Throwable cause = getCause();
        return cause == null ? new OpenIdProviderException(message) : new OpenIdProviderException(message, cause);
    }
}
