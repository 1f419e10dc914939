package io.bactrian.mail;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What the readers of addresses have said to being written to.
 *
 * <p>Nothing here that an account's own work calls waits for another transaction's locks, since that work may hold the
 * account's balance, whose holders wait for nobody.
 */
@Component
class Recipients {
    /** From one e-mail that asks a reader to confirm to the next. */
    private static final Duration ASKED_AGAIN_AFTER = Duration.ofDays(1);

    /** Whoever has left so many unanswered does not want to. */
    private static final int MOST_ASKED = 3;

    private final JdbcClient database;
    private final Clock clock;

    Recipients(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What a reader has said. */
    record Consent(boolean confirmed, boolean unsubscribed) {
        static final Consent NONE = new Consent(false, false);
    }

    Consent consent(Recipient recipient) {
        return database.sql("""
                        select confirmed_at is not null, unsubscribed_at is not null from email_recipient
                         where account_id = ? and address_hash = ?""")
                .params(recipient.accountId(), recipient.hash())
                .query((row, number) -> new Consent(row.getBoolean(1), row.getBoolean(2)))
                .optional()
                .orElse(Consent.NONE);
    }

    /**
     * Claims the right to ask a reader to confirm, once a day and three times in all.
     *
     * @param byRequest whether the account's owner asks for it now, whatever was asked before
     */
    boolean mayAsk(Recipient recipient, boolean byRequest) {
        Timestamp now = Timestamp.from(clock.instant());
        // Whoever asks the same reader at this moment does it for both.
        boolean first = database.sql("select pg_try_advisory_xact_lock(hashtextextended(?, 0))")
                .param("email_recipient " + recipient.accountId() + " " + recipient.addressHash())
                .query(Boolean.class)
                .single();
        return first
                && database.sql("""
                                insert into email_recipient as r (account_id, address_hash, asked_at, times_asked)
                                values (:account, :address, :now, 1)
                                on conflict (account_id, address_hash) do update
                                    set asked_at = :now, times_asked = r.times_asked + 1
                                where r.times_asked = 0 or :byRequest
                                    or r.asked_at <= :before and r.times_asked < :most""")
                                .param("account", recipient.accountId())
                                .param("address", recipient.hash())
                                .param("now", now)
                                .param("byRequest", byRequest)
                                .param("before", Timestamp.from(clock.instant().minus(ASKED_AGAIN_AFTER)))
                                .param("most", MOST_ASKED)
                                .update()
                        == 1;
    }

    /** Notes that the reader wants e-mail of the account. */
    void confirm(Recipient recipient) {
        database.sql("""
                        insert into email_recipient as r (account_id, address_hash, confirmed_at) values (?, ?, ?)
                        on conflict (account_id, address_hash) do update
                            set confirmed_at = coalesce(r.confirmed_at, excluded.confirmed_at), unsubscribed_at = null""")
                .params(recipient.accountId(), recipient.hash(), Timestamp.from(clock.instant()))
                .update();
        database.sql("delete from email_suppression where address_hash = ?")
                .param(recipient.hash())
                .update();
    }

    /**
     * Notes that the reader wants no e-mail of the account.
     *
     * @param ofNone whether no other account may ask either
     */
    void unsubscribe(Recipient recipient, boolean ofNone) {
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("""
                        insert into email_recipient as r (account_id, address_hash, unsubscribed_at) values (?, ?, ?)
                        on conflict (account_id, address_hash) do update
                            set unsubscribed_at = coalesce(r.unsubscribed_at, excluded.unsubscribed_at)""").params(recipient.accountId(), recipient.hash(), now).update();
        if (ofNone) {
            database.sql(
                            "insert into email_suppression (address_hash, created_at) values (?, ?) on conflict do nothing")
                    .params(recipient.hash(), now)
                    .update();
        }
    }

    /** Whether the reader has said that no account may ask. */
    boolean suppressed(Recipient recipient) {
        return database.sql("select exists (select from email_suppression where address_hash = ?)")
                .param(recipient.hash())
                .query(Boolean.class)
                .single();
    }

    void forget(UUID accountId) {
        database.sql("delete from email_recipient where account_id = ?")
                .param(accountId)
                .update();
    }
}
