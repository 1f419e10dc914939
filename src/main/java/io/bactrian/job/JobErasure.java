package io.bactrian.job;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountRemains;
import java.util.List;
import java.util.UUID;
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

    JobErasure(Jobs jobs, JdbcClient database) {
        this.jobs = jobs;
        this.database = database;
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        List<Long> found = database.sql("SELECT id FROM job WHERE account_id = ? LIMIT ?")
                .params(accountId, JOBS_AT_ONCE)
                .query(Long.class)
                .list();
        found.forEach(job -> erase(accountId, job));
        return found.size() == JOBS_AT_ONCE;
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
