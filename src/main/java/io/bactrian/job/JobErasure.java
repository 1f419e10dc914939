package io.bactrian.job;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountRemains;
import io.bactrian.account.ErasureFailures;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The end of the jobs that a closed account has left: open ones are cancelled, all are deleted with their places. */
@Service
class JobErasure implements AccountRemains {
    private static final Logger LOG = LoggerFactory.getLogger(JobErasure.class);
    private static final int JOBS_AT_ONCE = 100;

    private final Jobs jobs;
    private final JdbcClient database;

    /** Up to which number the jobs of an account have had their turn, so that many that fail keep no other from it. */
    private final Map<UUID, Long> reached = new ConcurrentHashMap<>();

    JobErasure(Jobs jobs, JdbcClient database) {
        this.jobs = jobs;
        this.database = database;
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        long before = reached.getOrDefault(accountId, 0L);
        List<Long> found = database.sql("SELECT id FROM job WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?")
                .params(accountId, before, JOBS_AT_ONCE)
                .query(Long.class)
                .list();
        boolean last = found.size() < JOBS_AT_ONCE;
        if (last) {
            reached.remove(accountId);
        } else {
            reached.put(accountId, found.getLast());
        }
        ErasureFailures failures = new ErasureFailures();
        failures.forEach(found, job -> erase(accountId, job));
        failures.throwFirst();
        // Those before that number may have failed when it was their turn.
        return !last || before > 0;
    }

    private void erase(UUID accountId, long job) {
        try {
            boolean cancelled = jobs.cancelOrDelete(accountId, job);
            if (cancelled) {
                jobs.cancelOrDelete(accountId, job);
            }
        } catch (NotFoundException gone) {
            LOG.debug("Another node has erased job {}", job, gone);
        }
    }
}
