package io.bactrian.billing;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether there is a key or a secret for a provider, and this service does not play it. */
public abstract class ProviderConfigured implements Condition {
    private final Provider provider;

    private ProviderConfigured(Provider provider) {
        this.provider = provider;
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment settings = context.getEnvironment();
        String prefix = "bactrian.billing." + provider.code();
        boolean keys = !settings.getProperty(prefix + ".api-key", "").isBlank()
                || !settings.getProperty(prefix + ".webhook-secret", "").isBlank();
        return keys && !sandbox(settings);
    }

    /** Whether this service plays the providers: where it is told to, or where none has a key. */
    public static boolean sandbox(Environment settings) {
        // In the same spellings as where the setting is bound.
        Boolean told = settings.getProperty("bactrian.billing.sandbox", Boolean.class);
        return told != null
                ? told
                : settings.getProperty("bactrian.billing.stripe.api-key", "").isBlank()
                        && settings.getProperty("bactrian.billing.lemonsqueezy.api-key", "")
                                .isBlank();
    }

    /** For Stripe. */
    public static final class Stripe extends ProviderConfigured {
        Stripe() {
            super(Provider.STRIPE);
        }
    }

    /** For Lemon Squeezy. */
    public static final class LemonSqueezy extends ProviderConfigured {
        LemonSqueezy() {
            super(Provider.LEMONSQUEEZY);
        }
    }
}
