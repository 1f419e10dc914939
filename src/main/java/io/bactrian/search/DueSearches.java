package io.bactrian.search;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Finds the saved searches that are due, and has each run once.
 *
 * <p>A search is claimed, its next time set and its run asked for in one transaction, so it fires once for each time whoever
 * looks, and none is lost with a node. One that was missed fires once, for the first time that was missed.
 */
@Service
public class DueSearches {
    private static final Logger LOG = LoggerFactory.getLogger(DueSearches.class);

    private static final int AT_ONCE = 100;

    private final SearchStore store;
    private final Outbox outbox;
    private final JdbcClient database;
    private final Clock clock;

    DueSearches(SearchStore store, Outbox outbox, JdbcClient database, Clock clock) {
        this.store = store;
        this.outbox = outbox;
        this.database = database;
        this.clock = clock;
    }

    /** Claims some of the searches that are due, and tells how many; none are left when it is 0. */
    @Transactional
    public int claim() {
        Instant now = clock.instant();
        List<SavedSearch> due = store.lockDue(now, AT_ONCE);
        due.forEach(search -> claim(search, now));
        return due.size();
    }

    private void claim(SavedSearch search, Instant now) {
        Instant scheduledFor = search.nextRunAt();
        if (scheduledFor == null) {
            return;
        }
        store.claimed(search.id(), scheduledFor, next(search, now));
        Optional<Long> run = database.sql("""
                        INSERT INTO saved_search_run (search_id, scheduled_for, status, asked_at)
                        VALUES (?, ?, 'queued', ?) ON CONFLICT (search_id, scheduled_for) DO NOTHING RETURNING id""")
                .params(search.id(), Timestamp.from(scheduledFor), Timestamp.from(now))
                .query(Long.class)
                .optional();
        run.ifPresent(id -> outbox.write(Destination.SEARCHES_RUN, new SearchRuns.Request(id), Map.of(), null));
    }

    private static @Nullable Instant next(SavedSearch search, Instant now) {
        try {
            return SavedSearches.next(search.definition(), now);
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            // Such as a zone that the platform no longer knows; it must not keep others from running.
            LOG.error("Saved search {} runs no more, because its schedule cannot be read", search.id(), e);
            return null;
        }
    }
}
