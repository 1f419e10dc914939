package io.bactrian.account;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;

/**
 * Has a service in this JVM hash passwords with Argon2id at its lowest cost. Tests that make hundreds of accounts would spend a
 * quarter of their time on hashes otherwise; what a hash costs elsewhere is for {@code PasswordsTest} to see.
 */
public final class CheapPasswords implements ApplicationContextInitializer<GenericApplicationContext> {
    private static final int LONGEST_QUEUE = 256;

    @Override
    public void initialize(GenericApplicationContext starting) {
        starting.registerBean(
                "cheapPasswords",
                Passwords.class,
                () -> new Passwords(new Argon2PasswordEncoder(16, 32, 1, 8, 1), LONGEST_QUEUE),
                bean -> bean.setPrimary(true));
    }
}
