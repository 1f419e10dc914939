package io.bactrian.account;

/**
 * A new {@code sk_} key, in the one moment in which its secret is known.
 *
 * @param secret the whole key, which is kept nowhere
 */
public record CreatedApiKey(ApiKey key, String secret) {
    /** Leaves the secret out, so that it cannot end up in a log. */
    @Override
    public String toString() {
        return "CreatedApiKey[key=" + key + "]";
    }
}
