package io.bactrian.credit;

import io.bactrian.event.Events;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The append-only record of every unit that an account was granted, holds for open work, or has used.
 *
 * <p>Each movement has a reference, and one kind of movement happens at most once for a reference, so that a repeated
 * message moves nothing twice; an amount of zero moves nothing and leaves its reference free. All of them belong to the
 * caller's transaction. A reference that moved another amount before is refused with {@link ReferenceReusedException}.
 * What leaves little available tells the account so, with the event {@code credits.low}.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class Ledger {
    /** The reference of what a new account is welcomed with. */
    public static final String SIGN_UP = "sign-up";

    /**
     * The numbers that transactions have for their owner count down from how many there are, which the balance knows. The ids come
     * out of the account's index alone: it is not by chance cheaper to walk over the transfers of all accounts.
     */
    static final String HISTORY = """
            SELECT coalesce((SELECT shown FROM credit_balance
                              WHERE account_id = :account AND currency = :currency AND bucket = 'available'), 0)
                   - row_number() OVER (ORDER BY t.id DESC) + 1, t.*
              FROM (SELECT id, kind, amount, reference, description, created_at FROM credit_transfer WHERE id IN (
                        SELECT id FROM credit_transfer
                         WHERE account_id = :account AND currency = :currency AND kind NOT IN ('reserve', 'release')
                         ORDER BY id DESC LIMIT :limit)) t
             ORDER BY t.id DESC""";

    static final String LAST_REFILL = """
            SELECT created_at FROM credit_transfer
             WHERE account_id = ? AND currency = ? AND kind IN ('grant', 'refill', 'purchase')
             ORDER BY id DESC LIMIT 1""";

    private final JdbcClient database;
    private final Clock clock;
    private final LowBalance low;

    Ledger(JdbcClient database, Clock clock, Events events) {
        this.database = database;
        this.clock = clock;
        this.low = new LowBalance(database, events);
    }

    /** Adds units from outside to what is available. */
    public void grant(UUID account, Currency currency, long amount, String reference, String description) {
        move(TransferKind.GRANT, account, currency, amount, reference, description);
    }

    /** Adds units that a plan gives for a period, and that do not end with it, to what is available. */
    public void refill(UUID account, Currency currency, long amount, String reference, String description) {
        move(TransferKind.REFILL, account, currency, amount, reference, description);
    }

    /** Adds units that were paid for to what is available. */
    public void purchase(UUID account, Currency currency, long amount, String reference, String description) {
        move(TransferKind.PURCHASE, account, currency, amount, reference, description);
    }

    /**
     * Takes back units that were paid for, all of them or none: where the account has spent or reserved too many, nothing
     * moves, and whoever returns the money decides. Units of the plan's period are not taken.
     */
    public Refund refund(UUID account, Currency currency, long amount, String reference, String description) {
        boolean made = move(TransferKind.REFUND, account, currency, amount, reference, description);
        return new Refund(made, balance(account, currency).available());
    }

    /**
     * Takes back as many of an amount of units that were paid for as the account has left; otherwise as {@link #refund}.
     *
     * @return how many
     */
    public long refundUpTo(UUID account, Currency currency, long most, String reference, String description) {
        lock(account, currency);
        long amount = Math.min(most, balance(account, currency).available());
        return amount > 0
                        && refund(account, currency, amount, reference, description)
                                .made()
                ? amount
                : 0;
    }

    /**
     * Removes units that end without having been used from what is available. Those of a plan's period end by
     * {@link Allowances}, not by this.
     *
     * @throws IllegalStateException when less is available
     */
    public void expire(UUID account, Currency currency, long amount, String reference, String description) {
        if (!move(TransferKind.EXPIRE, account, currency, amount, reference, description)) {
            throw new IllegalStateException("Less is available than " + reference + " lets expire.");
        }
    }

    /**
     * Sets units aside for work that is about to begin.
     *
     * @param reference names the work; what it settles and releases has the same one
     * @throws InsufficientCreditsException when less than the amount is available; nothing is moved then
     */
    public void reserve(UUID account, Currency currency, long amount, String reference, String description) {
        if (!move(TransferKind.RESERVE, account, currency, amount, reference, description)) {
            throw new InsufficientCreditsException(
                    currency, amount, balance(account, currency).available());
        }
    }

    /**
     * Sets aside as many units as there are, up to an amount.
     *
     * @return how many
     * @throws InsufficientCreditsException when none is available
     */
    public long reserveUpTo(UUID account, Currency currency, long most, String reference, String description) {
        lock(account, currency);
        long amount = Math.min(most, balance(account, currency).available());
        if (amount <= 0) {
            throw new InsufficientCreditsException(currency, 1, 0);
        }
        reserve(account, currency, amount, reference, description);
        return amount;
    }

    private void lock(UUID account, Currency currency) {
        database.sql("SELECT credit_lock(?, ?)")
                .params(account, currency.column())
                .query()
                .listOfRows();
    }

    /**
     * Counts reserved units as used.
     *
     * @throws IllegalStateException when the reference has less reserved
     */
    public void settle(UUID account, Currency currency, long amount, String reference, String description) {
        require(move(TransferKind.SETTLE, account, currency, amount, reference, description), reference);
    }

    /**
     * Gives reserved units back to what is available. What is left of an ended period's plan units expires instead.
     *
     * @throws IllegalStateException when the reference has less reserved
     */
    public void release(UUID account, Currency currency, long amount, String reference, String description) {
        require(move(TransferKind.RELEASE, account, currency, amount, reference, description), reference);
    }

    /**
     * Ends work in one call: counts what it has used of its reserved units, and gives the others back, as {@link #settle} and
     * {@link #release} do. Call it last in a transaction, because the account's other work waits for the balance from then on.
     *
     * @throws IllegalStateException when the reference has less reserved
     */
    public void end(UUID account, Currency currency, long used, long unused, String reference, String description) {
        if (used < 0 || unused < 0) {
            throw new IllegalArgumentException(
                    "Work ends with no negative amount; %s used %d and has %d left".formatted(reference, used, unused));
        }
        if (used == 0 && unused == 0) {
            return;
        }
        String outcome = database.sql("SELECT credit_end(?, ?, ?, ?, ?, ?, ?)")
                .params(
                        account,
                        currency.column(),
                        used,
                        unused,
                        reference,
                        description,
                        Timestamp.from(clock.instant()))
                .query(String.class)
                .single();
        switch (outcome) {
            case "moved", "repeated" -> {}
            case "insufficient" -> require(false, reference);
            case "settled differently" ->
                throw new ReferenceReusedException(TransferKind.SETTLE, currency, reference, used);
            case "released differently" ->
                throw new ReferenceReusedException(TransferKind.RELEASE, currency, reference, unused);
            default -> throw new IllegalStateException("credit_end answers " + outcome);
        }
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

    /** How many units finished work has used since a moment. */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public long usedSince(UUID account, Currency currency, Instant from) {
        return database.sql("""
                        SELECT coalesce(sum(amount), 0) FROM credit_transfer
                         WHERE account_id = ? AND currency = ? AND kind = 'settle' AND created_at >= ?""")
                .params(account, currency.column(), Timestamp.from(from))
                .query(Long.class)
                .single();
    }

    /**
     * The latest of what came, went and was used.
     *
     * @param limit the most transactions to give
     */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public History history(UUID account, Currency currency, int limit) {
        List<CreditTransaction> transactions = database.sql(HISTORY)
                .param("account", account)
                .param("currency", currency.column())
                .param("limit", limit)
                .query((row, number) -> {
                    TransferKind kind = TransferKind.of(row.getString("kind"));
                    long amount = row.getLong("amount");
                    return new CreditTransaction(
                            row.getLong(1),
                            kind,
                            kind.to().equals("available") ? amount : -amount,
                            row.getString("reference"),
                            row.getString("description"),
                            row.getTimestamp("created_at").toInstant());
                })
                .list();
        return new History(transactions, lastRefill(account, currency));
    }

    private @Nullable Instant lastRefill(UUID account, Currency currency) {
        return database.sql(LAST_REFILL)
                .params(account, currency.column())
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .optional()
                .orElse(null);
    }

    /** @param leftOver what is available still, with what last came; null unless the account is to be told that it is little */
    private record Moved(
            String outcome,
            @Nullable Long leftOver,
            @Nullable Long came) {}

    /** @return false where too little is there; then nothing moved */
    private boolean move(
            TransferKind kind, UUID account, Currency currency, long amount, String reference, String description) {
        if (amount < 0) {
            throw new IllegalArgumentException(
                    "A movement has no negative amount; " + reference + " asks for " + amount);
        }
        if (amount == 0) {
            return true;
        }
        Moved moved = database.sql(
                        "SELECT outcome, left_over, came FROM credit_move_and_look(?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .params(
                        account,
                        currency.column(),
                        kind.column(),
                        kind.from(),
                        kind.to(),
                        amount,
                        reference,
                        description,
                        Timestamp.from(clock.instant()))
                .query((row, number) ->
                        new Moved(row.getString(1), row.getObject(2, Long.class), row.getObject(3, Long.class)))
                .single();
        if (moved.leftOver() != null && moved.came() != null) {
            low.tell(account, currency, moved.leftOver(), moved.came());
        }
        return switch (moved.outcome()) {
            case "moved", "repeated" -> true;
            case "insufficient" -> false;
            case "conflict" -> throw new ReferenceReusedException(kind, currency, reference, amount);
            default -> throw new IllegalStateException("credit_move answers " + moved.outcome());
        };
    }

    private static void require(boolean moved, String reference) {
        if (!moved) {
            throw new IllegalStateException("Less is reserved than " + reference + " accounts for.");
        }
    }
}
