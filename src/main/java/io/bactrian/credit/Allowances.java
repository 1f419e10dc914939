package io.bactrian.credit;

import io.bactrian.event.Events;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The units that a plan gives for a period, and that end with it.
 *
 * <p>They are used before units that were granted or bought apart from the plan, which never end. When a period ends, what
 * work under way has reserved stays with that work; what it does not use of them expires when it ends, so that units neither
 * are taken from work that was accepted nor pile up from period to period.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class Allowances {
    private final JdbcClient database;
    private final Clock clock;
    private final LowBalance low;

    Allowances(JdbcClient database, Clock clock, Events events) {
        this.database = database;
        this.clock = clock;
        this.low = new LowBalance(database, events);
    }

    /**
     * Begins a period: the rest of the last one's units expires, and the new ones are granted. Both or neither.
     *
     * @param reference names the period; a period begins once, however often this is called
     * @return whether the period began now
     */
    public boolean begin(UUID account, Currency currency, long units, String reference, String description) {
        boolean begun = database.sql("SELECT credit_begin_period(?, ?, ?, ?, ?, ?)")
                .params(account, currency.column(), units, reference, description, Timestamp.from(clock.instant()))
                .query(Boolean.class)
                .single();
        if (begun) {
            low.look(account, currency);
        }
        return begun;
    }

    /**
     * Changes the units of the running period. What was used of them stays used: more units are granted by the difference,
     * of fewer only those are taken back that are neither used nor reserved.
     *
     * @param reference names the change
     */
    public void change(UUID account, Currency currency, long units, String reference, String description) {
        database.sql("SELECT credit_change_allowance(?, ?, ?, ?, ?, ?)")
                .params(account, currency.column(), units, reference, description, Timestamp.from(clock.instant()))
                .query()
                .listOfRows();
        low.look(account, currency);
    }

    /** How many units, of the plan and others, finished work has used since the period began; 0 without a period. */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public long usedInPeriod(UUID account, Currency currency) {
        return database.sql("SELECT settled FROM credit_allowance WHERE account_id = ? AND currency = ?")
                .params(account, currency.column())
                .query(Long.class)
                .optional()
                .orElse(0L);
    }
}
