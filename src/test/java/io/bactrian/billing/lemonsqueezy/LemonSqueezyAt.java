package io.bactrian.billing.lemonsqueezy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.EventReader;
import io.bactrian.billing.PaymentProvider;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.util.Map;

/** Lemon Squeezy as the service has it, with a server of a test in place of the company's. */
public final class LemonSqueezyAt implements AutoCloseable {
    private final OperatorClient http = new OperatorClient();
    private final LemonSqueezyProvider provider;
    private final LemonSqueezyEvents events;

    /** @param variants as they are configured */
    public LemonSqueezyAt(String url, String secret, Map<String, String> variants) {
        provider = new LemonSqueezyProvider(
                new BillingProperties(
                        new BillingProperties.Stripe("", "", "", Map.of()),
                        new BillingProperties.LemonSqueezy("key", secret, url, "1", variants),
                        null,
                        "",
                        "",
                        ""),
                http,
                new ObjectMapper());
        events = new LemonSqueezyEvents(secret, new ObjectMapper(), provider::testMode);
    }

    public PaymentProvider provider() {
        return provider;
    }

    public EventReader reader() {
        return events;
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
