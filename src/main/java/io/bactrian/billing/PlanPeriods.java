package io.bactrian.billing;

import io.bactrian.InvalidInputException;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.credit.Allowances;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
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
 * their period. A MapScraper plan's are counted from its beginning; its credits stay. Where a subscription is paid for, its
 * payments make the periods instead. Changes of one account's plan, and the
 * renewal of its period, wait for one another.
 */
@Service
public final class PlanPeriods {
    private static final Logger LOG = LoggerFactory.getLogger(PlanPeriods.class);

    private static final int BATCH = 200;

    /** Leaves the rest to the next tick: a start after a long stop must not be one endless run. */
    private static final int BATCHES = 50;

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final Accounts accounts;
    private final Plans plans;
    private final Ledger ledger;
    private final Allowances allowances;
    private final Outbox outbox;
    private final Clock clock;

    PlanPeriods(
            JdbcClient database,
            TransactionTemplate transactions,
            Accounts accounts,
            Plans plans,
            Ledger ledger,
            Allowances allowances,
            Outbox outbox,
            Clock clock) {
        this.database = database;
        this.transactions = transactions;
        this.accounts = accounts;
        this.plans = plans;
        this.ledger = ledger;
        this.allowances = allowances;
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * @param paidBy the subscription whose payments make the periods, or null where the calendar does
     * @param paidUntil what is paid for ends
     * @param cancelled whether the plan ends with the period
     */
    private record Row(
            UUID account,
            PlanApi api,
            Instant anchor,
            Instant end,
            long credits,
            @Nullable UUID subscription,
            @Nullable UUID paidBy,
            @Nullable Instant paidUntil,
            boolean cancelled) {

        /** Whether the next period begins with a payment, or never. */
        boolean waitsForPayment() {
            return paidUntil != null && !end.isBefore(paidUntil);
        }
    }

    private record Due(Instant end, UUID account, PlanApi api) {}

    /** Begins the first period of a new account's Selextract plan, in the transaction that makes the account. */
    public void begin(Account account) {
        Instant now = now();
        if (insert(account.id(), PlanApi.SELEXTRACT, account.createdAt(), now)) {
            beginUnits(account.id(), account.selextractPlan(), reference(null, Period.at(account.createdAt(), now)));
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
     * @throws io.bactrian.InvalidInputException when there is no such plan, or the account pays for another one
     */
    public PlanApi change(UUID accountId, String planId, @Nullable PlanApi api) {
        PlanApi changed = plans.api(planId, api);
        Row row = current(accountId, changed);
        // Read under the lock of the row.
        Account account = accounts.find(accountId);
        if (planId.equals(planOf(account, changed))) {
            cancelAtPeriodEnd(accountId, changed, false);
            return changed;
        }
        refuseWhilePaidFor(accountId, changed);
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
        askForAdmission(accountId, changed);
        database.sql("UPDATE plan_period SET subscription_id = ?, credits = ?, cancel_at_period_end = false"
                        + " WHERE account_id = ? AND api = ?")
                .params(planId.equals(Plans.FREE) ? null : subscription, credits, accountId, changed.column())
                .update();
        return changed;
    }

    private void refuseWhilePaidFor(UUID accountId, PlanApi api) {
        boolean paidFor = database.sql("""
                        SELECT EXISTS (SELECT 1 FROM billing_subscription WHERE account_id = ? AND api = ?
                           AND status IN ('TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED'))""")
                .params(accountId, api.name())
                .query(Boolean.class)
                .single();
        if (paidFor) {
            throw new InvalidInputException(
                    "plan_id", "cannot be set while the account pays for a plan: change or cancel that one first");
        }
    }

    /** Another plan may let more work begin at once. */
    private void askForAdmission(UUID accountId, PlanApi api) {
        outbox.write(
                api == PlanApi.SELEXTRACT ? Destination.TASKS_ADMIT : Destination.JOBS_ADMIT,
                Map.of("account", accountId),
                Map.of(),
                null);
    }

    /**
     * Gives an account the plan that it subscribes to, in the caller's transaction. What the plan gives comes by its payments;
     * only a change within a period that is paid for changes that period's compute units at once, as {@link #change} does.
     *
     * @param subscription the room's id of the subscription
     */
    void entitle(UUID accountId, PlanApi api, UUID subscription, String planId) {
        Row row = current(accountId, api);
        Account account = accounts.find(accountId);
        if (!planId.equals(planOf(account, api))) {
            setPlan(row, planId);
            if (api == PlanApi.SELEXTRACT && subscription.equals(row.paidBy())) {
                changeUnits(accountId, planId, 0);
            }
        }
        database.sql("UPDATE plan_period SET subscription_id = ?, cancel_at_period_end = false"
                        + " WHERE account_id = ? AND api = ?")
                .params(subscription, accountId, api.column())
                .update();
    }

    /**
     * Begins the period of a subscription that was paid for, in the caller's transaction; one that began before the present one
     * changes nothing. A subscription's first payment raises the running period's compute units to those of the plan, and what
     * was used stays used; with each later one, and with the first after a trial, a new period's begin. Credits are given apart
     * from this.
     *
     * @param first whether the payment belongs to the subscription's beginning, or to a change within its period
     */
    void paid(
            UUID accountId, PlanApi api, UUID subscription, String planId, boolean first, Instant start, Instant end) {
        Row row = current(accountId, api);
        if (row.paidBy() != null && !start.isAfter(row.anchor())) {
            if (subscription.equals(row.paidBy()) && start.equals(row.anchor())) {
                extend(row, planId, end);
            }
            return;
        }
        Period period = running(api, planId, start, end);
        if (api == PlanApi.SELEXTRACT) {
            boolean over = subscription.equals(row.paidBy()) && !start.isBefore(row.end()) && row.waitsForPayment();
            // A period whose units were withdrawn meanwhile has begun already.
            if ((first && !over) || !beginUnits(accountId, planId, reference(subscription, period))) {
                changeUnits(accountId, planId, usedBefore(accountId, period.start()));
            }
        }
        database.sql("""
                        UPDATE plan_period SET anchor = ?, starts_at = ?, ends_at = ?, paid_by = ?, paid_until = ?, credits = 0
                         WHERE account_id = ? AND api = ?""")
                .params(
                        time(start),
                        time(period.start()),
                        time(period.end()),
                        subscription,
                        time(end),
                        accountId,
                        api.column())
                .update();
    }

    /** The month of a year that is paid for, as compute units come each month; otherwise all that is paid for. */
    private Period running(PlanApi api, String planId, Instant start, Instant end) {
        return api == PlanApi.SELEXTRACT && plans.selextract(planId).interval() == BillingInterval.YEARLY
                ? Period.at(start, later(start, now())).within(end)
                : new Period(start, end);
    }

    private void extend(Row row, String planId, Instant end) {
        if (row.paidUntil() != null && end.isAfter(row.paidUntil())) {
            Instant ends = row.waitsForPayment()
                    ? running(row.api(), planId, row.anchor(), end).end()
                    : row.end();
            database.sql("UPDATE plan_period SET paid_until = ?, ends_at = ? WHERE account_id = ? AND api = ?")
                    .params(time(end), time(ends), row.account(), row.api().column())
                    .update();
        }
    }

    /**
     * Takes a plan back that a subscription has given, in the caller's transaction; a plan that an administrator has set
     * stays. Compute units of the paid period expire, and a month of the free plan begins; credits stay.
     */
    void withdraw(UUID accountId, PlanApi api, UUID subscription) {
        Row row = current(accountId, api);
        if (!subscription.equals(row.subscription()) && !subscription.equals(row.paidBy())) {
            return;
        }
        setPlan(row, Plans.FREE);
        if (api == PlanApi.MAPSCRAPER) {
            database.sql("DELETE FROM plan_period WHERE account_id = ? AND api = ?")
                    .params(accountId, api.column())
                    .update();
            return;
        }
        Instant anchor = accounts.find(accountId).createdAt();
        Period period = Period.at(anchor, now());
        if (row.paidBy() != null
                && !beginUnits(accountId, Plans.FREE, reference(null, period) + ":after:" + subscription)) {
            changeUnits(accountId, Plans.FREE, 0);
        }
        database.sql("""
                        UPDATE plan_period SET anchor = ?, starts_at = ?, ends_at = ?, credits = 0, subscription_id = NULL,
                               paid_by = NULL, paid_until = NULL, cancel_at_period_end = false
                         WHERE account_id = ? AND api = ?""")
                .params(time(anchor), time(period.start()), time(period.end()), accountId, api.column())
                .update();
    }

    /** Has a plan that an administrator has set end with its period, or go on after all, in the caller's transaction. */
    void cancelAtPeriodEnd(UUID accountId, PlanApi api, boolean cancel) {
        current(accountId, api);
        database.sql("""
                        UPDATE plan_period SET cancel_at_period_end = ?
                         WHERE account_id = ? AND api = ? AND subscription_id IS NOT NULL""").params(cancel, accountId, api.column()).update();
    }

    private void setPlan(Row row, String planId) {
        switch (row.api()) {
            case SELEXTRACT -> accounts.changeSelextractPlan(row.account(), planId);
            case MAPSCRAPER -> accounts.changeMapscraperPlan(row.account(), planId);
        }
        askForAdmission(row.account(), row.api());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** The account's subscription, or empty while it has the free plan of that API. */
    public Optional<PlanPeriod> find(Account account, PlanApi api) {
        return database.sql("""
                        SELECT subscription_id, starts_at, ends_at, paid_by, cancel_at_period_end FROM plan_period
                         WHERE account_id = ? AND api = ? AND subscription_id IS NOT NULL""")
                .params(account.id(), api.column())
                .query((row, number) -> new PlanPeriod(
                        "sub_" + row.getString(1),
                        planOf(account, api),
                        instant(row, "starts_at"),
                        instant(row, "ends_at"),
                        row.getBoolean("cancel_at_period_end"),
                        row.getObject("paid_by", UUID.class)))
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
                           AND (paid_until IS NULL OR ends_at < paid_until)
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
        if (row.cancelled()) {
            setPlan(row, Plans.FREE);
            database.sql("UPDATE plan_period SET subscription_id = NULL, cancel_at_period_end = false"
                            + " WHERE account_id = ? AND api = ?")
                    .params(row.account(), row.api().column())
                    .update();
        }
        Account account = accounts.find(row.account());
        String plan = planOf(account, row.api());
        boolean over = row.api() == PlanApi.MAPSCRAPER && plan.equals(Plans.FREE);
        if (over || !account.active()) {
            database.sql("DELETE FROM plan_period WHERE account_id = ? AND api = ?")
                    .params(row.account(), row.api().column())
                    .update();
            return;
        }
        Period period = row.paidUntil() == null ? Period.at(row.anchor(), now) : paidPeriod(row, now, row.paidUntil());
        boolean unpaid = row.paidBy() == null && row.subscription() != null && isSold(row.subscription());
        long credits = 0;
        switch (row.api()) {
            case SELEXTRACT -> beginUnits(row.account(), unpaid ? Plans.FREE : plan, reference(row.paidBy(), period));
            case MAPSCRAPER -> {
                credits = unpaid ? 0 : plans.mapscraper(plan).monthlyCredits();
                ledger.refill(
                        row.account(),
                        Currency.CREDITS,
                        credits,
                        reference(null, period),
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

    /** Whether a provider's payments are to make the periods, and not the calendar. */
    private boolean isSold(UUID subscription) {
        return database.sql("SELECT EXISTS (SELECT FROM billing_subscription WHERE id = ?)")
                .param(subscription)
                .query(Boolean.class)
                .single();
    }

    /** The last one that is paid for where the present one is not: nobody may have been there to begin it. */
    private static Period paidPeriod(Row row, Instant now, Instant paidUntil) {
        Instant last = paidUntil.minus(1, ChronoUnit.MICROS);
        return Period.at(row.anchor(), now.isBefore(last) ? now : last).within(paidUntil);
    }

    /** @return whether the period began now */
    private boolean beginUnits(UUID account, String plan, String reference) {
        return allowances.begin(
                account,
                Currency.COMPUTE_UNITS,
                plans.selextract(plan).computeUnitsLimit(),
                reference,
                "Monthly compute units of the plan " + plan);
    }

    /**
     * What was used since a paid period began and is not of the running one: the plan was withdrawn in between, which began
     * another.
     */
    private long usedBefore(UUID account, Instant start) {
        return Math.max(
                0,
                ledger.usedSince(account, Currency.COMPUTE_UNITS, start)
                        - allowances.usedInPeriod(account, Currency.COMPUTE_UNITS));
    }

    /** @param used of them already, before the running period began */
    private void changeUnits(UUID account, String plan, long used) {
        allowances.change(
                account,
                Currency.COMPUTE_UNITS,
                Math.max(0, plans.selextract(plan).computeUnitsLimit() - used),
                "plan:" + UUID.randomUUID(),
                "Change to the plan " + plan);
    }

    /** The account's present period, made or renewed where it has to be, locked until the transaction ends. */
    private Row current(UUID accountId, PlanApi api) {
        Instant now = now();
        switch (api) {
            case SELEXTRACT -> begin(accounts.find(accountId));
            case MAPSCRAPER -> insert(accountId, api, now, now);
        }
        Row row = lock(accountId, api);
        if (row.end().isAfter(now) || row.waitsForPayment()) {
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
                           AND (paid_until IS NULL OR ends_at < paid_until) FOR UPDATE SKIP LOCKED""")
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
                row.getObject("subscription_id", UUID.class),
                row.getObject("paid_by", UUID.class),
                row.getObject("paid_until") == null ? null : instant(row, "paid_until"),
                row.getBoolean("cancel_at_period_end"));
    }

    private static String planOf(Account account, PlanApi api) {
        return switch (api) {
            case SELEXTRACT -> account.selextractPlan();
            case MAPSCRAPER -> account.mapscraperPlan();
        };
    }

    private static String reference(@Nullable UUID paidBy, Period period) {
        return paidBy == null ? "period:" + period.start() : "paid:" + paidBy + ":" + period.start();
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
