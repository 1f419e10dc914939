package io.bactrian.ops;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The counts of tasks and jobs by account, status and kind. The database adds a row for each change (see the migration); this
 * folds the rows of an account into one for each count, so that a sum reads few of them.
 */
@Service
public class Tally {
    /** Rows that one statement looks at for accounts to fold. */
    private static final int AT_ONCE = 20_000;

    private final JdbcClient database;

    Tally(JdbcClient database) {
        this.database = database;
    }

    /** Folds the counts that have changed; one node at a time, and the sums are the same before and after. */
    @Transactional
    public void fold() {
        boolean alone = database.sql("SELECT pg_try_advisory_xact_lock(hashtextextended('tally', 0))")
                .query(Boolean.class)
                .single();
        if (!alone) {
            return;
        }
        database.sql("""
                        WITH changed AS (
                            SELECT DISTINCT account_id FROM (
                                SELECT account_id FROM tally WHERE NOT folded LIMIT ?) unfolded),
                        taken AS (
                            DELETE FROM tally t USING changed c WHERE t.account_id = c.account_id
                            RETURNING t.list, t.account_id, t.status, t.kind, t.entries)
                        INSERT INTO tally (list, account_id, status, kind, entries, folded)
                        SELECT list, account_id, status, kind, sum(entries), true FROM taken
                         GROUP BY list, account_id, status, kind HAVING sum(entries) <> 0""").param(AT_ONCE).update();
    }
}
