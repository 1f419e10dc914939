package io.bactrian.billing;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The providers that payments are taken through, and the readers of their events. */
@Component
class PaymentProviders {
    private final Map<Provider, PaymentProvider> providers = new EnumMap<>(Provider.class);
    private final Map<Provider, EventReader> readers = new EnumMap<>(Provider.class);
    private final boolean sandbox;

    PaymentProviders(List<PaymentProvider> providers, List<EventReader> readers, BillingProperties properties) {
        providers.forEach(provider -> this.providers.put(provider.provider(), provider));
        readers.forEach(reader -> this.readers.put(reader.provider(), reader));
        this.sandbox = properties.inSandbox();
    }

    /** Whether no money moves. */
    boolean sandbox() {
        return sandbox;
    }

    /** @throws BillingNotConfiguredException if there is none */
    PaymentProvider get(Provider provider) {
        PaymentProvider found = providers.get(provider);
        if (found == null) {
            throw new BillingNotConfiguredException(provider);
        }
        return found;
    }

    /** Those that there are. */
    List<PaymentProvider> all() {
        return List.copyOf(providers.values());
    }

    /** @throws BillingNotConfiguredException if its events cannot be verified */
    EventReader reader(Provider provider) {
        EventReader found = readers.get(provider);
        if (found == null) {
            throw new BillingNotConfiguredException(provider);
        }
        return found;
    }
}
