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
 */
@ConfigurationProperties("bactrian.mail")
record MailSettings(
        @DefaultValue("Bactrian <bactrian@localhost>") String from,

        @DefaultValue({"1m", "5m", "15m", "1h", "3h", "6h", "6h", "6h", "6h"})
        List<Duration> retryDelays) {
    MailSettings {
        parse(from);
    }

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
