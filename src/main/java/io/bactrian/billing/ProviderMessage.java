package io.bactrian.billing;

import io.bactrian.OutsideText;
import java.time.Instant;

/**
 * An event of a provider whose signature is right.
 *
 * @param id the provider's, or what identifies it where the provider gives none
 * @param type the provider's name for what happened
 * @param created when it happened, by the provider's clock
 * @param body JSON, as it was sent
 */
public record ProviderMessage(Provider provider, String id, String type, Instant created, String body) {
    public ProviderMessage {
        type = OutsideText.clean(type, OutsideText.LINE);
    }
}
