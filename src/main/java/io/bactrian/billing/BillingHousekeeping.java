package io.bactrian.billing;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Ends checkouts that nobody has paid in time, and deletes what has been settled for long; some of it at a time.
 *
 * <p>Events that wait or have failed stay, for they are still to be applied; paid checkouts stay as invoices do.
 */
@Service
public class BillingHousekeeping {
    private static final int AT_ONCE = 1_000;

    private final JdbcClient database;
    private final BillingRetention retention;
    private final Clock clock;

    BillingHousekeeping(JdbcClient database, BillingRetention retention, Clock clock) {
        this.database = database;
        this.retention = retention;
        this.clock = clock;
    }

    /**
     * Ends checkouts whose page is of no use any more. One that its provider is paid for all the same is paid.
     *
     * @return whether there may be more
     */
    public boolean expireCheckouts() {
        return some("""
                UPDATE billing_checkout SET status = 'EXPIRED', ended_at = expires_at, version = version + 1
                 WHERE id = ANY(ARRAY(
                    SELECT id FROM billing_checkout
                     WHERE status = 'OPEN' AND ended_at IS NULL AND expires_at <= ?
                     ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED))""", clock.instant());
    }

    /**
     * Deletes checkouts that nobody has paid.
     *
     * @return whether there may be more
     */
    public boolean forgetUnpaidCheckouts() {
        return some("""
                DELETE FROM billing_checkout WHERE id = ANY(ARRAY(
                    SELECT id FROM billing_checkout
                     WHERE status NOT IN ('OPEN', 'PAID') AND expires_at < ?
                     ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED))""", before(retention.checkouts()));
    }

    /**
     * Deletes events that are applied, or that said nothing to this service.
     *
     * @return whether there may be more
     */
    public boolean forgetOldEvents() {
        return some("""
                DELETE FROM billing_event WHERE id = ANY(ARRAY(
                    SELECT id FROM billing_event
                     WHERE status IN ('APPLIED', 'KEPT') AND received_at < ?
                     ORDER BY received_at LIMIT ? FOR UPDATE SKIP LOCKED))""", before(retention.events()));
    }

    private Instant before(Duration age) {
        return clock.instant().minus(age);
    }

    private boolean some(String statement, Instant before) {
        return database.sql(statement).params(Timestamp.from(before), AT_ONCE).update() == AT_ONCE;
    }
}
