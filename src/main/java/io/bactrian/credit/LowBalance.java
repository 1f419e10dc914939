package io.bactrian.credit;

import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells accounts that little is left of a currency: when what is available falls under a tenth of the last grant, refill or
 * purchase, and not again until the next. Whether it has fallen is decided by the database, in the transaction that took it.
 */
final class LowBalance {
    private final JdbcClient database;
    private final Events events;

    LowBalance(JdbcClient database, Events events) {
        this.database = database;
        this.events = events;
    }

    /**
     * What receivers are told.
     *
     * @param lastGrant the amount of the last grant, refill or purchase
     * @param userId the account, as MapScraper's clients know it
     */
    private record Low(String currency, long available, long lastGrant, long userId) {}

    /** Looks whether little is left, and tells so if the account was not told before. */
    void look(UUID account, Currency currency) {
        database.sql("SELECT left_over, came FROM credit_tell_low(?, ?)")
                .params(account, currency.column())
                .query(row -> {
                    tell(account, currency, row.getLong(1), row.getLong(2));
                });
    }

    /** Tells what the database has found; a closed account is told nothing. */
    void tell(UUID account, Currency currency, long available, long lastGrant) {
        database.sql("SELECT number FROM account WHERE id = ? AND is_active")
                .param(account)
                .query(Long.class)
                .optional()
                .ifPresent(number -> events.publish(new Event(
                        account,
                        EventType.CREDITS_LOW,
                        currency.column(),
                        "low",
                        new Low(currency.column(), available, lastGrant, number),
                        null)));
    }
}
