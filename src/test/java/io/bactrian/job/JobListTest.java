package io.bactrian.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestPlans;
import io.bactrian.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lists of jobs, and what is read of many jobs at once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobListTest {
    private final JobRoom room = new JobRoom();
    private final JdbcClient database = JdbcClient.create(room.get(DataSource.class));

    @AfterAll
    void close() {
        room.close();
    }

    @Test
    void pagesTogetherAreTheWholeListNewestFirst() {
        UUID account = insert(100_000, 45);
        List<Long> read = new ArrayList<>();
        for (int page = 1; page <= 6; page++) {
            JobPage found = room.get(Jobs.class).list(account, List.of(), page, 10);
            assertThat(found.total()).isEqualTo(45);
            found.jobs().forEach(job -> read.add(job.number()));
        }

        assertThat(read).hasSize(45).isSortedAccordingTo((one, other) -> Long.compare(other, one));
        JobPage failed = room.get(Jobs.class).list(account, List.of(JobStatus.FAILED), 1, 50);
        assertThat(failed.jobs()).hasSize((int) failed.total()).hasSize(4);
    }

    @Test
    void manyJobsAreReadOutOfIndexesInOrder() {
        UUID account = insert(200_000, 50_000);
        database.sql("VACUUM ANALYZE job").update();

        for (List<JobStatus> statuses : List.of(List.<JobStatus>of(), List.of(JobStatus.FAILED))) {
            int pages = statuses.isEmpty() ? 5_000 : 500;
            for (int page : List.of(1, pages / 2, pages)) {
                List<Object> parameters = new ArrayList<>();
                String ids = JobStore.ids(account, statuses, Window.of(pages * 10L, page, 10), parameters);
                TestPlans.assertReadInOrder(database.sql("EXPLAIN " + ids).params(parameters), "job");
            }
        }
        TestPlans.assertReadInOrder(database.sql("EXPLAIN " + JobEstimates.PACE).param("atlas"), "job");
        TestPlans.assertReadInOrder(
                database.sql("EXPLAIN " + JobEstimates.BACKLOG).param("atlas"), "job");
        TestPlans.assertReadInOrder(database.sql("EXPLAIN " + JobAdmission.NEXT).params(account, new Long[0]), "job");
        TestPlans.assertReadByIndex(
                database.sql("EXPLAIN " + JobAdmission.RUNNING).param(account), "job");
    }

    /** Jobs of a new account: a tenth has failed, a tenth is queued. */
    private UUID insert(int after, int jobs) {
        UUID account = UUID.randomUUID();
        database.sql("""
                        INSERT INTO job (id, account_id, status, provider, params, query, enriched, plan_id, max_results,
                            credits_reserved, result_count, estimated_at, created_at, updated_at, started_at, completed_at)
                        SELECT ? + n, ?, CASE n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'queued' ELSE 'completed' END,
                               'atlas', '{}', '{}', false, 'free', 100, 100, n % 50, at, at, at, at, at + interval '1 minute'
                          FROM generate_series(1, ?) n,
                               LATERAL (SELECT timestamptz '2026-01-01T00:00:00Z' + n * interval '1 minute' AS at) times""").params(after, account, jobs).update();
        return account;
    }
}
