package io.bactrian.webhook;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A secret that a receiver of webhooks shares with this service: {@code whsec_} and base64 of 32 random bytes.
 *
 * @param value as its owner is shown it
 */
public record SigningSecret(String value) {
    private static final String PREFIX = "whsec_";
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A secret that was made before.
     *
     * @throws IllegalArgumentException if it does not have the form of a secret
     */
    public SigningSecret {
        if (!value.startsWith(PREFIX) || decoded(value).length == 0) {
            throw new IllegalArgumentException("A signing secret is whsec_ and base64.");
        }
    }

    /** A secret that nobody else has. */
    public static SigningSecret generate() {
        byte[] key = new byte[BYTES];
        RANDOM.nextBytes(key);
        return new SigningSecret(PREFIX + Base64.getEncoder().encodeToString(key));
    }

    /** The bytes of the whole text, which the plain SHA-256 signature is made with. */
    byte[] text() {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    /** The bytes that the base64 stands for, which are the key of Standard Webhooks. */
    byte[] key() {
        return decoded(value);
    }

    private static byte[] decoded(String value) {
        return Base64.getDecoder().decode(value.substring(PREFIX.length()));
    }

    /** Never shows the secret, for this is what logs show. */
    @Override
    public String toString() {
        return PREFIX + "…";
    }
}
