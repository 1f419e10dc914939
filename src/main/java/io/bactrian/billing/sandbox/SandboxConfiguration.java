package io.bactrian.billing.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.BillingEvents;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.EventReader;
import io.bactrian.billing.ProviderConfigured;
import io.bactrian.billing.SandboxBooks;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyEvents;
import io.bactrian.billing.stripe.StripeEvents;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** The sandbox, where no provider has a key. Its events are signed with secrets that live as long as the process. */
@Configuration(proxyBeanMethods = false)
@Conditional(SandboxConfiguration.On.class)
class SandboxConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxConfiguration.class);
    private static final int SECRET = 32;

    private final String stripe;
    private final String lemonSqueezy;

    SandboxConfiguration(BillingProperties properties) {
        properties.requireNoKeysInSandbox();
        this.stripe = secret(properties.stripe().webhookSecret());
        this.lemonSqueezy = secret(properties.lemonsqueezy().webhookSecret());
        LOG.info(
                "Payments are in the sandbox: no money moves, and whoever registers can buy for nothing. Set the keys of Stripe and Lemon Squeezy to take payments, or bactrian.billing.sandbox to false.");
    }

    private static String secret(String configured) {
        if (!configured.isBlank()) {
            return configured;
        }
        byte[] bytes = new byte[SECRET];
        new SecureRandom().nextBytes(bytes);
        return "whsec_" + HexFormat.of().formatHex(bytes);
    }

    @Bean
    EventReader sandboxStripeEvents(ObjectMapper json, Clock clock) {
        return new StripeEvents(stripe, json, clock);
    }

    @Bean
    EventReader sandboxLemonSqueezyEvents(ObjectMapper json) {
        return LemonSqueezyEvents.ofSandbox(lemonSqueezy, json);
    }

    @Bean
    SandboxProvider sandboxStripe(
            SandboxBooks books,
            ObjectProvider<BillingEvents> events,
            SandboxPortalLinks portals,
            ObjectMapper json,
            Clock clock,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        return new SandboxProvider(new SandboxStripe(), first(stripe), publicUrl, books, events, portals, json, clock);
    }

    @Bean
    SandboxProvider sandboxLemonSqueezy(
            SandboxBooks books,
            ObjectProvider<BillingEvents> events,
            SandboxPortalLinks portals,
            ObjectMapper json,
            Clock clock,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        return new SandboxProvider(
                new SandboxLemonSqueezy(), first(lemonSqueezy), publicUrl, books, events, portals, json, clock);
    }

    private static String first(String secrets) {
        return secrets.split(",", 2)[0].strip();
    }

    static final class On implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return ProviderConfigured.sandbox(context.getEnvironment());
        }
    }
}
