package io.bactrian.billing;

import io.bactrian.BactrianException;

/** A provider that does not answer, or says that it cannot just now. Nothing was changed, or the same key finds what was. */
public final class PaymentProviderUnavailableException extends BactrianException {
    private static final long serialVersionUID = 1L;

    public PaymentProviderUnavailableException(Provider provider) {
        super(message(provider));
    }

    public PaymentProviderUnavailableException(Provider provider, Throwable cause) {
        super(message(provider), cause);
    }

    private static String message(Provider provider) {
        return provider.title() + " does not answer just now. Nothing was bought or changed; try again in a minute.";
    }
}
