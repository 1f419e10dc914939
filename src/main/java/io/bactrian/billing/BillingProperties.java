package io.bactrian.billing;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How payments are taken.
 *
 * @param sandbox whether checkouts are this service's own pages, on which no money moves; unless set, when no provider has a key
 * @param successUrl where MapScraper's customers come back to after they have paid; unless set, the service's public URL
 * @param cancelUrl likewise, after they have not
 * @param operatorEmail who is told when the providers' books differ from this service's; unless set, only the log
 */
@ConfigurationProperties("bactrian.billing")
public record BillingProperties(
        @DefaultValue Stripe stripe,
        @DefaultValue LemonSqueezy lemonsqueezy,
        @Nullable Boolean sandbox,
        @DefaultValue("") String successUrl,
        @DefaultValue("") String cancelUrl,
        @DefaultValue("") String operatorEmail) {

    /**
     * The account at Stripe.
     *
     * @param prices Stripe's ids of recurring prices by plan, and of prices by package; without one, the price of the
     *     configuration is sent with each checkout
     */
    public record Stripe(
            @DefaultValue("") String apiKey,
            @DefaultValue("") String webhookSecret,
            @DefaultValue("https://api.stripe.com") String baseUrl,
            @DefaultValue Map<String, String> prices) {
        /** Without the secrets. */
        @Override
        public String toString() {
            return "Stripe at " + baseUrl;
        }
    }

    /**
     * The store at Lemon Squeezy.
     *
     * @param variants Lemon Squeezy's ids of the products' variants by plan
     */
    public record LemonSqueezy(
            @DefaultValue("") String apiKey,
            @DefaultValue("") String webhookSecret,
            @DefaultValue("https://api.lemonsqueezy.com") String baseUrl,
            @DefaultValue("") String storeId,
            @DefaultValue Map<String, String> variants) {
        /** Without the secrets. */
        @Override
        public String toString() {
            return "Lemon Squeezy at " + baseUrl;
        }
    }

    private Map<String, String> prices(Provider provider) {
        return switch (provider) {
            case STRIPE -> stripe.prices();
            case LEMONSQUEEZY -> lemonsqueezy.variants();
        };
    }

    /** The provider's id of what a plan or package costs. */
    public Optional<String> price(Provider provider, String item) {
        return Optional.ofNullable(prices(provider).get(item));
    }

    /** The plan or package that has this price. */
    public Optional<String> item(Provider provider, String price) {
        return prices(provider).entrySet().stream()
                .filter(entry -> entry.getValue().equals(price))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    boolean hasKeys(Provider provider) {
        return switch (provider) {
            case STRIPE -> !stripe.apiKey().isBlank();
            case LEMONSQUEEZY -> !lemonsqueezy.apiKey().isBlank();
        };
    }

    /**
     * Refuses the sandbox beside real keys: nobody is to take play money for real.
     *
     * @throws BillingKeysException if a provider has a key
     */
    public void requireNoKeysInSandbox() {
        for (Provider provider : Provider.values()) {
            if (hasKeys(provider)) {
                throw new BillingKeysException(
                        "bactrian.billing.sandbox is true, and bactrian.billing.%s.api-key is set: the sandbox is not for a service that takes money. Unset one of them."
                                .formatted(provider.code()));
            }
        }
    }

    /** Whether this service plays the providers itself. */
    public boolean inSandbox() {
        return sandbox != null ? sandbox : !hasKeys(Provider.STRIPE) && !hasKeys(Provider.LEMONSQUEEZY);
    }
}
