package io.bactrian.credit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Proves that the ledger is right: that every balance is the sum of its entries and none is below zero, that every transfer
 * adds up, and that what is reserved is what open work holds.
 *
 * <p>It looks at one state of the database, whatever happens meanwhile, and keeps none of it in memory.
 */
@Component
public final class LedgerCheck {
    /** How each kind of transfer moves units; a table to join with. */
    private static final String WAYS = Arrays.stream(TransferKind.values())
            .map(kind -> "('%s', '%s', '%s')".formatted(kind.column(), kind.from(), kind.to()))
            .collect(Collectors.joining(", ", "(VALUES ", ") AS way (kind, source, target)"));

    private static final String OPEN_RESERVATIONS = """
            SELECT account_id, currency, reference,
                   sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END)::bigint AS amount,
                   min(id) FILTER (WHERE kind = 'reserve') AS transfer
              FROM credit_transfer WHERE kind IN ('reserve', 'settle', 'release')
             GROUP BY account_id, currency, reference
            HAVING sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END) <> 0""";

    private static final String BALANCES = """
            SELECT 'Account ' || account_id || ' has ' || coalesce(b.balance, 0) || ' ' || currency || ' ' || bucket
                   || ' by its balance and ' || coalesce(e.amount, 0) || ' by its entries.'
              FROM credit_balance b
              FULL JOIN (SELECT account_id, currency, bucket, sum(amount) AS amount
                           FROM credit_entry GROUP BY 1, 2, 3) e USING (account_id, currency, bucket)
             WHERE coalesce(b.balance, 0) <> coalesce(e.amount, 0)""";

    private static final String OVERDRAWN = """
            SELECT 'Account ' || account_id || ' has ' || balance || ' ' || currency || ' ' || bucket
                   || ', which is below zero.'
              FROM credit_balance WHERE bucket <> 'issued' AND balance < 0""";

    private static final String UNEVEN = """
            SELECT 'Transfer ' || transfer_id || ' does not add up to zero.'
              FROM credit_entry GROUP BY transfer_id HAVING sum(amount) <> 0""";

    private static final String UNLIKE_ITS_KIND = """
            SELECT 'Transfer ' || t.id || ' is a ' || t.kind || ' of ' || t.amount || ', and its entries are not.'
              FROM credit_transfer t JOIN %s USING (kind)
              LEFT JOIN credit_entry e ON e.transfer_id = t.id
             GROUP BY t.id, t.kind, t.amount
            HAVING coalesce(sum(e.amount), 0) = 0
               AND NOT (count(e.bucket) = 2
                        AND bool_and(e.account_id = t.account_id AND e.currency = t.currency
                                     AND ((e.bucket = source AND e.amount = -t.amount)
                                          OR (e.bucket = target AND e.amount = t.amount))))""".formatted(WAYS);

    /** What was carried over a period's beginning must still be reserved. */
    private static final String ALLOWANCES = """
            SELECT 'Account ' || a.account_id || ' has ' || a.carried_reserved || ' ' || a.currency
                   || ' reserved from before its period by its allowance and ' || coalesce(sum(o.amount), 0)
                   || ' by its entries.'
              FROM credit_allowance a
              LEFT JOIN (%s) o
                ON o.account_id = a.account_id AND o.currency = a.currency AND o.transfer < a.boundary
             GROUP BY a.account_id, a.currency, a.carried_reserved
            HAVING a.carried_reserved <> coalesce(sum(o.amount), 0)""".formatted(OPEN_RESERVATIONS);

    private static final String NO_WORK =
            "SELECT NULL::uuid AS account_id, NULL::text AS currency, NULL::text AS reference, 0::bigint AS amount WHERE false";

    private final JdbcTemplate database;
    private final TransactionTemplate snapshot;
    private final String differences;

    LedgerCheck(DataSource dataSource, PlatformTransactionManager transactions, List<OpenWork> openWork) {
        database = new JdbcTemplate(dataSource);
        database.setFetchSize(500);
        snapshot = new TransactionTemplate(transactions);
        snapshot.setReadOnly(true);
        snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        String work = openWork.isEmpty()
                ? NO_WORK
                : openWork.stream().map(OpenWork::query).collect(Collectors.joining("\nUNION ALL\n"));
        differences = String.join(
                "\nUNION ALL\n", BALANCES, OVERDRAWN, UNEVEN, UNLIKE_ITS_KIND, reservations(work), ALLOWANCES);
    }

    private static String reservations(String work) {
        return """
                SELECT 'Account ' || account_id || ' has ' || coalesce(o.amount, 0) || ' ' || currency || ' reserved for '
                       || reference || ' and its open work holds ' || coalesce(w.amount, 0) || '.'
                  FROM (%s) o
                  FULL JOIN (%s) w USING (account_id, currency, reference)
                 WHERE coalesce(o.amount, 0) <> coalesce(w.amount, 0)""".formatted(OPEN_RESERVATIONS, work);
    }

    /**
     * What was looked at.
     *
     * @param reservations pieces of open work that hold units
     * @param differences how many sentences were told
     */
    public record Result(long accounts, long transfers, long reservations, long differences) {}

    /**
     * Looks for differences.
     *
     * @param difference takes one sentence for each
     */
    public Result run(Consumer<String> difference) {
        return snapshot.execute(transaction -> {
            AtomicLong found = new AtomicLong();
            database.query(differences, row -> {
                found.incrementAndGet();
                difference.accept(row.getString(1));
            });
            return new Result(
                    count("SELECT count(DISTINCT account_id) FROM credit_balance"),
                    count("SELECT count(*) FROM credit_transfer"),
                    count("SELECT count(*) FROM (" + OPEN_RESERVATIONS + ") open"),
                    found.get());
        });
    }

    /** The differences, one sentence for each; empty when the ledger is right. */
    public List<String> differences() {
        List<String> sentences = new ArrayList<>();
        run(sentences::add);
        return sentences;
    }

    /** Whether the database has a ledger of this version's form. */
    public boolean hasLedger() {
        return Boolean.TRUE.equals(
                database.queryForObject("SELECT to_regclass('credit_allowance') IS NOT NULL", Boolean.class));
    }

    private long count(String query) {
        Long count = database.queryForObject(query, Long.class);
        return count == null ? 0 : count;
    }
}
