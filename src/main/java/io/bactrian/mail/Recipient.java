package io.bactrian.mail;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;

/**
 * An address that an account has e-mail sent to.
 *
 * @param addressHash SHA-256 of the address in lower case, in hexadecimal
 */
record Recipient(UUID accountId, String addressHash) {

    static Recipient of(UUID accountId, String address) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(address.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return new Recipient(accountId, HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    byte[] hash() {
        return HexFormat.of().parseHex(addressHash);
    }

    /** Whether it is that address, without regard to case. */
    boolean is(String address) {
        return equals(of(accountId, address));
    }
}
