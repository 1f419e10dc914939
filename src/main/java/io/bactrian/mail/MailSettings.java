package io.bactrian.mail;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.mail}; which server is used is said by {@code spring.mail}.
 *
 * @param from the sender, an address or {@code Name <address>}
 * @param retryDelays from each attempt that has failed to the next; after the last there is none
 * @param giveUpAfter how old a letter may become that is still to be sent
 * @param confirmRecipients whether an address has to confirm before it gets an account's letters
 * @param confirmationLifetime how long the link to confirm is good
 */
@ConfigurationProperties("bactrian.mail")
record MailSettings(
        @DefaultValue("Bactrian <bactrian@localhost>") String from,

        @DefaultValue({"1m", "5m", "15m", "1h", "3h", "6h", "6h", "6h", "6h"})
        List<Duration> retryDelays,

        @DefaultValue("3d") Duration giveUpAfter,
        @DefaultValue("true") boolean confirmRecipients,
        @DefaultValue("7d") Duration confirmationLifetime,
        @DefaultValue Limits limits) {
    MailSettings {
        parse(from);
    }

    /**
     * Letters in any 24 hours at most.
     *
     * @param perAccount of one account
     * @param perAddress to one address, of all accounts
     * @param confirmationsPerAccount those of one account that ask an address to confirm, which do not count for the others
     * @param confirmationsPerAddress those to one address, of all accounts
     */
    record Limits(
            @DefaultValue("200") int perAccount,
            @DefaultValue("100") int perAddress,
            @DefaultValue("20") int confirmationsPerAccount,
            @DefaultValue("3") int confirmationsPerAddress) {}

    InternetAddress sender() {
        return parse(from);
    }

    /**
     * How long to wait before the next attempt, or null when there is none.
     *
     * @param attempt the attempt that has failed, from 1
     */
    @Nullable
    Duration after(int attempt) {
        return attempt > retryDelays.size() ? null : retryDelays.get(attempt - 1);
    }

    private static InternetAddress parse(String from) {
        try {
            return LetterAddress.named(from);
        } catch (AddressException e) {
            throw new IllegalArgumentException(
                    "Set bactrian.mail.from to an e-mail address, such as Bactrian <bactrian@example.com>.", e);
        }
    }
}
