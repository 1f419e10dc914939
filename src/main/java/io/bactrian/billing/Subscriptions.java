package io.bactrian.billing;

import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.credit.Allowances;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The plans that accounts have, and the periods in which these give units.
 *
 * <p>A Selextract plan's periods are counted from the making of the account, whatever its plan; its compute units end with
 * their period. A MapScraper plan's are counted from its beginning; its credits stay. Changes of one account's plan, and the
 * renewal of its period, wait for one another.
 */
@Service
public final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    private static final int BATCH = 200;

    /** Leaves the rest to the next tick: a start after a long stop must not be one endless run. */
    private static final int BATCHES = 50;

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final Accounts accounts;
    private final Plans plans;
    private final Ledger ledger;
    private final Allowances allowances;
    private final Clock clock;

    Subscriptions(
            JdbcClient database,
            TransactionTemplate transactions,
            Accounts accounts,
            Plans plans,
            Ledger ledger,
            Allowances allowances,
            Clock clock) {
        this.database = database;
        this.transactions = transactions;
        this.accounts = accounts;
        this.plans = plans;
        this.ledger = ledger;
        this.allowances = allowances;
        this.clock = clock;
    }

    private record Row(
            UUID account,
            PlanApi api,
            Instant anchor,
            Instant end,
            long credits,
            @Nullable UUID subscription) {}

    private record Due(Instant end, UUID account, PlanApi api) {}

    /** Begins the first period of a new account's Selextract plan, in the transaction that makes the account. */
    public void begin(Account account) {
        Instant now = now();
        if (insert(account.id(), PlanApi.SELEXTRACT, account.createdAt(), now)) {
            beginUnits(account.id(), account.selextractPlan(), Period.at(account.createdAt(), now));
        }
    }

    /**
     * Sets a plan, in the caller's transaction; a plan that the account has already stays as it is.
     *
     * <p>The period goes on. A better plan gives the difference at once, and what was used stays used; of a smaller one's
     * compute units, those beyond it that are neither used nor reserved are taken back. Credits are never taken back.
     *
     * @param api the API that is meant where both have a plan of that id, or null
     * @return the API whose plan it is
     * @throws io.bactrian.InvalidInputException when there is no such plan
     */
    public PlanApi change(UUID accountId, String planId, @Nullable PlanApi api) {
        PlanApi changed = plans.api(planId, api);
        Row row = current(accountId, changed);
        // Read under the lock of the row.
        Account account = accounts.find(accountId);
        if (planId.equals(planOf(account, changed))) {
            return changed;
        }
        UUID change = UUID.randomUUID();
        String reference = "plan:" + change;
        long credits = row.credits();
        switch (changed) {
            case SELEXTRACT -> {
                accounts.changeSelextractPlan(accountId, planId);
                allowances.change(
                        accountId,
                        Currency.COMPUTE_UNITS,
                        plans.selextract(planId).computeUnitsLimit(),
                        reference,
                        "Change to the plan " + planId);
            }
            case MAPSCRAPER -> {
                accounts.changeMapscraperPlan(accountId, planId);
                // Who leaves a plan and comes back within a period has had its credits.
                long missing = Math.max(0, plans.mapscraper(planId).monthlyCredits() - credits);
                ledger.refill(accountId, Currency.CREDITS, missing, reference, "Change to the plan " + planId);
                credits += missing;
            }
        }
        UUID subscription = row.subscription() == null ? change : row.subscription();
        database.sql("UPDATE plan_period SET subscription_id = ?, credits = ? WHERE account_id = ? AND api = ?")
                .params(planId.equals(Plans.FREE) ? null : subscription, credits, accountId, changed.column())
                .update();
        return changed;
    }

    /** The account's subscription, or empty while it has the free plan of that API. */
    public Optional<Subscription> find(Account account, PlanApi api) {
        return database.sql("""
                        SELECT subscription_id, starts_at, ends_at FROM plan_period
                         WHERE account_id = ? AND api = ? AND subscription_id IS NOT NULL""")
                .params(account.id(), api.column())
                .query((row, number) -> new Subscription(
                        "sub_" + row.getString(1),
                        planOf(account, api),
                        instant(row, "starts_at"),
                        instant(row, "ends_at")))
                .optional();
    }

    /**
     * Renews the periods that have ended: once each, however many nodes do this, and for the present period only, however many
     * were missed. A closed account's periods end for good.
     *
     * @return how many were renewed
     */
    public int renewDue() {
        Instant now = now();
        int renewed = 0;
        Due last = new Due(Instant.EPOCH, new UUID(0, 0), PlanApi.MAPSCRAPER);
        for (int batch = 0; batch < BATCHES; batch++) {
            List<Due> due = due(now, last);
            for (Due period : due) {
                renewed += renew(period, now) ? 1 : 0;
            }
            if (due.size() < BATCH) {
                break;
            }
            last = due.getLast();
        }
        return renewed;
    }

    private List<Due> due(Instant now, Due after) {
        return database.sql("""
                        SELECT ends_at, account_id, api FROM plan_period
                         WHERE ends_at <= ? AND (ends_at, account_id, api) > (?, ?, ?)
                         ORDER BY ends_at, account_id, api LIMIT ?""")
                .params(
                        time(now),
                        time(after.end()),
                        after.account(),
                        after.api().column(),
                        BATCH)
                .query((row, number) -> new Due(
                        instant(row, "ends_at"),
                        row.getObject("account_id", UUID.class),
                        PlanApi.of(row.getString("api"))))
                .list();
    }

    /** One account's failure keeps no other from its units. */
    private boolean renew(Due due, Instant now) {
        try {
            return Boolean.TRUE.equals(transactions.execute(transaction -> {
                Optional<Row> row = lockDue(due.account(), due.api(), now);
                row.ifPresent(found -> renew(found, now));
                return row.isPresent();
            }));
        } catch (RuntimeException e) {
            LOG.error("The {} period of account {} was not renewed; it is tried again", due.api(), due.account(), e);
            return false;
        }
    }

    private void renew(Row row, Instant now) {
        Account account = accounts.find(row.account());
        String plan = planOf(account, row.api());
        boolean over = row.api() == PlanApi.MAPSCRAPER && plan.equals(Plans.FREE);
        if (over || !account.active()) {
            database.sql("DELETE FROM plan_period WHERE account_id = ? AND api = ?")
                    .params(row.account(), row.api().column())
                    .update();
            return;
        }
        Period period = Period.at(row.anchor(), now);
        long credits = 0;
        switch (row.api()) {
            case SELEXTRACT -> beginUnits(row.account(), plan, period);
            case MAPSCRAPER -> {
                credits = plans.mapscraper(plan).monthlyCredits();
                ledger.refill(
                        row.account(),
                        Currency.CREDITS,
                        credits,
                        reference(period),
                        "Monthly credits of the plan " + plan);
            }
        }
        database.sql("UPDATE plan_period SET starts_at = ?, ends_at = ?, credits = ? WHERE account_id = ? AND api = ?")
                .params(
                        time(period.start()),
                        time(period.end()),
                        credits,
                        row.account(),
                        row.api().column())
                .update();
    }

    private void beginUnits(UUID account, String plan, Period period) {
        allowances.begin(
                account,
                Currency.COMPUTE_UNITS,
                plans.selextract(plan).computeUnitsLimit(),
                reference(period),
                "Monthly compute units of the plan " + plan);
    }

    /** The account's present period, made or renewed where it has to be, locked until the transaction ends. */
    private Row current(UUID accountId, PlanApi api) {
        Instant now = now();
        switch (api) {
            case SELEXTRACT -> begin(accounts.find(accountId));
            case MAPSCRAPER -> insert(accountId, api, now, now);
        }
        Row row = lock(accountId, api);
        if (row.end().isAfter(now)) {
            return row;
        }
        renew(row, now);
        return current(accountId, api);
    }

    private boolean insert(UUID account, PlanApi api, Instant anchor, Instant now) {
        Period period = Period.at(anchor, now);
        return database.sql("""
                        INSERT INTO plan_period (account_id, api, anchor, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (account_id, api) DO NOTHING""")
                        .params(account, api.column(), time(anchor), time(period.start()), time(period.end()))
                        .update()
                == 1;
    }

    private Row lock(UUID account, PlanApi api) {
        return database.sql("SELECT * FROM plan_period WHERE account_id = ? AND api = ? FOR UPDATE")
                .params(account, api.column())
                .query((row, number) -> row(row))
                .single();
    }

    /** Empty where another node renews the period now, or has renewed it meanwhile. */
    private Optional<Row> lockDue(UUID account, PlanApi api, Instant now) {
        return database.sql("""
                        SELECT * FROM plan_period WHERE account_id = ? AND api = ? AND ends_at <= ?
                           FOR UPDATE SKIP LOCKED""")
                .params(account, api.column(), time(now))
                .query((row, number) -> row(row))
                .optional();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getObject("account_id", UUID.class),
                PlanApi.of(row.getString("api")),
                instant(row, "anchor"),
                instant(row, "ends_at"),
                row.getLong("credits"),
                row.getObject("subscription_id", UUID.class));
    }

    private static String planOf(Account account, PlanApi api) {
        return switch (api) {
            case SELEXTRACT -> account.selextractPlan();
            case MAPSCRAPER -> account.mapscraperPlan();
        };
    }

    private static String reference(Period period) {
        return "period:" + period.start();
    }

    /** In the database's precision. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
