package io.bactrian.job;

import io.bactrian.BactrianException;

/** A provider that this node lacks something for. */
public final class ProviderUnavailableException extends BactrianException {
    private static final long serialVersionUID = 1L;

    ProviderUnavailableException(String provider) {
        super(
                ("%s needs Chromium, which does not start on this service: its log says why, and ./bactrian browser installs"
                                + " it. Or search with another provider.")
                        .formatted(provider));
    }
}
