package io.bactrian.job;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Says when a job will probably end: by how fast the latest ones of its provider were, and what stands before it. */
@Component
final class JobEstimates {
    /** For the first job of all. */
    private static final double UNMEASURED_SECONDS_A_PLACE = 3;

    static final String PACE = """
            SELECT extract(epoch FROM sum(completed_at - started_at)) / sum(result_count)
              FROM (SELECT started_at, completed_at, result_count FROM job
                     WHERE provider = ? AND status = 'completed' AND result_count > 0
                     ORDER BY completed_at DESC LIMIT 20) latest""";

    /** Of the oldest thousand that are open: behind so many it is a matter of days, and the estimate is not worth counting them all. */
    static final String BACKLOG = """
            SELECT coalesce(sum(max_results - result_count), 0)
              FROM (SELECT max_results, result_count FROM job
                     WHERE provider = ? AND status IN ('queued', 'running') ORDER BY id LIMIT 1000) open""";

    private final JdbcClient database;
    private final Clock clock;

    JobEstimates(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** When a job that is created now has found all places that it may. */
    Instant end(String provider, int maxResults) {
        double secondsAPlace = database.sql(PACE)
                .param(provider)
                .query(Double.class)
                .optional()
                .orElse(UNMEASURED_SECONDS_A_PLACE);
        long before = database.sql(BACKLOG).param(provider).query(Long.class).single();
        Duration wait = Duration.ofMillis((long) Math.ceil(secondsAPlace * 1000 * (before + maxResults)));
        return clock.instant().plus(wait).truncatedTo(ChronoUnit.MILLIS);
    }
}
