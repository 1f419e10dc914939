package io.bactrian.credit;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The append-only record of every unit that an account was granted, holds for open work, or has used.
 *
 * <p>Each movement has a reference, and one kind of movement happens at most once for a reference, so that a repeated
 * message moves nothing twice; an amount of zero moves nothing. All of them belong to the caller's transaction.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class Ledger {
    private final JdbcClient database;
    private final Clock clock;

    Ledger(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Adds units from outside to what is available. */
    public void grant(UUID account, Currency currency, long amount, String reference, String description) {
        move(account, currency, "grant", "issued", "available", amount, reference, description);
    }

    /**
     * Sets units aside for work that is about to begin.
     *
     * @throws InsufficientCreditsException when less than the amount is available; nothing is moved then
     */
    public void reserve(UUID account, Currency currency, long amount, String reference, String description) {
        if (!move(account, currency, "reserve", "available", "reserved", amount, reference, description)) {
            throw new InsufficientCreditsException(
                    currency, amount, balance(account, currency).available());
        }
    }

    /**
     * Counts reserved units as used.
     *
     * @throws IllegalStateException when less is reserved
     */
    public void settle(UUID account, Currency currency, long amount, String reference, String description) {
        require(move(account, currency, "settle", "reserved", "used", amount, reference, description), reference);
    }

    /**
     * Gives reserved units back to what is available.
     *
     * @throws IllegalStateException when less is reserved
     */
    public void release(UUID account, Currency currency, long amount, String reference, String description) {
        require(move(account, currency, "release", "reserved", "available", amount, reference, description), reference);
    }

    /** What the account holds now. */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public Balance balance(UUID account, Currency currency) {
        Map<String, Long> buckets = new HashMap<>();
        database.sql("SELECT bucket, balance FROM credit_balance WHERE account_id = ? AND currency = ?")
                .params(account, currency.column())
                .query(row -> {
                    buckets.put(row.getString(1), row.getLong(2));
                });
        return new Balance(
                -buckets.getOrDefault("issued", 0L),
                buckets.getOrDefault("available", 0L),
                buckets.getOrDefault("reserved", 0L),
                buckets.getOrDefault("used", 0L));
    }

    /**
     * Compares every balance with the sum of its entries, and the entries of each transfer with one another.
     *
     * @return one sentence for each difference; empty when the ledger is right
     */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public List<String> differences() {
        return database.sql("""
                        SELECT 'Account ' || coalesce(b.account_id, e.account_id) || ' has ' || coalesce(b.balance, 0)
                               || ' ' || coalesce(b.currency, e.currency) || ' ' || coalesce(b.bucket, e.bucket)
                               || ' by its balance and ' || coalesce(e.amount, 0) || ' by its entries.'
                          FROM credit_balance b
                          FULL JOIN (SELECT account_id, currency, bucket, sum(amount) AS amount
                                       FROM credit_entry GROUP BY 1, 2, 3) e USING (account_id, currency, bucket)
                         WHERE coalesce(b.balance, 0) <> coalesce(e.amount, 0)
                        UNION ALL
                        SELECT 'Transfer ' || transfer_id || ' does not add up to zero.'
                          FROM credit_entry GROUP BY transfer_id HAVING sum(amount) <> 0""").query(String.class).list();
    }

    private boolean move(
            UUID account,
            Currency currency,
            String kind,
            String from,
            String to,
            long amount,
            String reference,
            String description) {
        if (amount == 0) {
            return true;
        }
        String outcome = database.sql("SELECT credit_move(?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .params(
                        account,
                        currency.column(),
                        kind,
                        from,
                        to,
                        amount,
                        reference,
                        description,
                        Timestamp.from(clock.instant()))
                .query(String.class)
                .single();
        return !outcome.equals("insufficient");
    }

    private static void require(boolean moved, String reference) {
        if (!moved) {
            throw new IllegalStateException("Less is reserved than " + reference + " accounts for.");
        }
    }
}
