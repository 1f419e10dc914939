package io.bactrian.mail;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.AccountEmails;
import io.bactrian.account.TestKeys;
import io.bactrian.outbox.Outbox;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The beans that e-mail needs up to the outbox, for tests of other rooms, without a mail server. */
@Import({
    AccountEmails.class,
    Recipients.class,
    EmailQuotas.class,
    EmailConfirmations.class,
    Letterbox.class,
    Mails.class
})
public class MailRoom {
    static final int PER_ACCOUNT = 6;
    static final int PER_ADDRESS = 4;
    static final int CONFIRMATIONS_PER_ACCOUNT = 5;
    static final int CONFIRMATIONS_PER_ADDRESS = 3;

    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @Bean
    static MailSettings mailSettings() {
        return settings("Bactrian <bactrian@mail.example>", List.of(), true);
    }

    /** The same with a mail server. */
    @Import({AccountEmails.class, Recipients.class, EmailQuotas.class, EmailConfirmations.class, Mails.class})
    public static class WithServer {
        @Bean
        static MailSettings mailSettings() {
            return MailRoom.mailSettings();
        }

        @Bean
        static Letterbox letterbox(Outbox outbox, Clock clock) {
            return new Letterbox(outbox, clock, "mail.example");
        }
    }

    /** A new account with that address. */
    public static UUID account(JdbcClient database, Clock clock, String email, boolean verified) {
        UUID id = UUID.randomUUID();
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, ?, ?)")
                .params(id, email, now, now)
                .update();
        if (verified) {
            database.sql("UPDATE account SET email_verified_at = ? WHERE id = ?")
                    .params(now, id)
                    .update();
        }
        return id;
    }

    /** Does what the reader of an address does who follows the link in an e-mail of an account and confirms. */
    public static void confirm(JdbcClient database, Clock clock, UUID account, String address) {
        new Recipients(database, clock).confirm(Recipient.of(account, address));
    }

    static MailSettings settings(String from, List<Duration> retryDelays) {
        return settings(from, retryDelays, true);
    }

    static MailSettings settings(String from, List<Duration> retryDelays, boolean confirmRecipients) {
        return new MailSettings(
                from,
                retryDelays,
                Duration.ofDays(3),
                confirmRecipients,
                Duration.ofDays(7),
                new MailSettings.Limits(
                        PER_ACCOUNT, PER_ADDRESS, CONFIRMATIONS_PER_ACCOUNT, CONFIRMATIONS_PER_ADDRESS));
    }

    static EmailLinks links(TestDatabase database, SettableClock clock) {
        EmailLinks links = new EmailLinks(
                database.jdbc(), keys(database).vault(), mailSettings(), clock, "https://scrape.example/");
        links.afterPropertiesSet();
        return links;
    }

    static TestKeys keys(TestDatabase database) {
        return new TestKeys(database, KEY);
    }
}
