package io.bactrian.job;

import io.bactrian.credit.OpenWork;
import org.springframework.stereotype.Component;

/** Jobs that have not ended: each holds the credits of all places that it may find until it does. */
@Component
final class ReservedJobs implements OpenWork {

    @Override
    public String query() {
        return """
                SELECT account_id, 'credits' AS currency, 'job:' || id AS reference, credits_reserved AS amount
                  FROM job WHERE status IN ('queued', 'running') AND credits_reserved > 0""";
    }
}
