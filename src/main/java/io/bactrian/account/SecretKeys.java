package io.bactrian.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** How the secrets of API keys are made and found again. */
final class SecretKeys {
    static final String API_KEY_PREFIX = "sk_";
    static final String MAP_KEY_PREFIX = "msk_";
    static final int MAX_LENGTH = 128;

    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /** 40 characters of 62 carry 238 bits, far too many to guess, so that a plain hash is enough to store. */
    private static final int RANDOM_CHARACTERS = 40;

    private static final SecureRandom RANDOM = new SecureRandom();

    private SecretKeys() {}

    static String generate(String prefix) {
        StringBuilder key = new StringBuilder(prefix);
        RANDOM.ints(RANDOM_CHARACTERS, 0, BASE62.length())
                .mapToObj(BASE62::charAt)
                .forEach(key::append);
        return key.toString();
    }

    /** SHA-256, under which a key, or anything else that is looked up and not read again, is kept. */
    static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
