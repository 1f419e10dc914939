package io.bactrian.mail;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * How many e-mails an account and an address may have in 24 hours; an address counts over all accounts.
 *
 * <p>Transactions do not wait for each other here, so as many as run at once may pass a limit together.
 */
@Service
public class EmailQuotas {
    private static final Duration PERIOD = Duration.ofHours(24);
    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final JdbcClient database;
    private final MailSettings settings;
    private final Clock clock;

    EmailQuotas(JdbcClient database, MailSettings settings, Clock clock) {
        this.database = database;
        this.settings = settings;
        this.clock = clock;
    }

    /** Counts an e-mail, with the surrounding transaction, and says whether it may be sent. */
    boolean take(Recipient recipient, boolean confirmation) {
        MailSettings.Limits limits = settings.limits();
        return database.sql("""
                        insert into email_sent (account_id, address_hash, confirmation, sent_at)
                        select :account, :address, :confirmation, :now
                         where (select count(*) from email_sent where account_id = :account
                                    and confirmation = :confirmation and sent_at > :since) < :ofAccount
                           and (select count(*) from email_sent where address_hash = :address
                                    and confirmation = :confirmation and sent_at > :since) < :toAddress""")
                        .param("account", recipient.accountId())
                        .param("address", recipient.hash())
                        .param("confirmation", confirmation)
                        .param("now", Timestamp.from(clock.instant()))
                        .param("since", Timestamp.from(clock.instant().minus(PERIOD)))
                        .param("ofAccount", confirmation ? limits.confirmationsPerAccount() : limits.perAccount())
                        .param("toAddress", confirmation ? limits.confirmationsPerAddress() : limits.perAddress())
                        .update()
                == 1;
    }

    /**
     * Removes some of what no longer counts.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        return database.sql("""
                        delete from email_sent where ctid = any(array(
                            select ctid from email_sent where sent_at <= ? limit ? for update skip locked))""")
                        .params(Timestamp.from(clock.instant().minus(PERIOD)), FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }
}
