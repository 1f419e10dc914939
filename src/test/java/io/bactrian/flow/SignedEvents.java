package io.bactrian.flow;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Sends events as payment providers do, signed with the secrets that the service has. */
final class SignedEvents {
    static final String STRIPE_SECRET = "whsec_stripe_of_the_flow_tests";
    static final String LEMON_SQUEEZY_SECRET = "secret_of_lemon_squeezy_in_flow_tests";

    private SignedEvents() {}

    /** The header that Stripe sends with a body at a time, in Unix seconds. */
    static String stripeSignature(String secret, String body, long at) {
        return "t=%d,v1=%s".formatted(at, hmac(secret, at + "." + body));
    }

    /** The header that Lemon Squeezy sends with a body. */
    static String lemonSqueezySignature(String secret, String body) {
        return hmac(secret, body);
    }

    static Reply stripe(Service service, String body) {
        return service.call("POST", "/billing/webhooks/stripe")
                .header("Stripe-Signature", stripeSignature(STRIPE_SECRET, body, System.currentTimeMillis() / 1000))
                .text("application/json; charset=utf-8", body)
                .send();
    }

    static Reply lemonSqueezy(Service service, String body) {
        return service.call("POST", "/billing/webhooks/lemonsqueezy")
                .header("X-Signature", lemonSqueezySignature(LEMON_SQUEEZY_SECRET, body))
                .text("application/json", body)
                .send();
    }

    private static String hmac(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HMAC-SHA256.", e);
        }
    }
}
