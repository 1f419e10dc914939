package io.bactrian.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.TestLock;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What the beginning and the end of a job lock, and for how long. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobEndTest {
    private static final String PARAMS = "{\"searchTerms\": \"café\", \"location\": \"Here\", \"maxResults\": 2}";

    private final JobRoom room = new JobRoom();
    private final DataSource dataSource = room.get(DataSource.class);
    private final JdbcClient database = JdbcClient.create(dataSource);

    @AfterAll
    void close() {
        room.close();
    }

    @Test
    void takesTheBalanceAfterEverythingElse() throws Exception {
        UUID account = room.account();
        long job = room.running(account, PARAMS);

        try (ExecutorService client = Executors.newSingleThreadExecutor()) {
            Future<?> cancellation;
            try (TestLock held =
                    TestLock.hold(dataSource, "SELECT 1 FROM job_lane WHERE job_id = ? AND lane = 0 FOR UPDATE", job)) {
                cancellation = client.submit(() -> room.get(Jobs.class).cancelOrDelete(account, job));
                held.awaitWaiting(1);
                room.get(TransactionTemplate.class).executeWithoutResult(transaction -> {
                    database.sql("SET LOCAL lock_timeout = '3s'").update();
                    room.get(Ledger.class).reserve(account, Currency.CREDITS, 1, "other", "Other work");
                    transaction.setRollbackOnly();
                });
            }
            cancellation.get();
        }
        assertThat(room.balance(account).reserved()).isZero();
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void anAdmissionUnderWayKeepsNoConsumerFromOtherAccounts() throws Exception {
        UUID account = room.account();
        UUID other = room.account();
        long first = submit(account);
        long second = submit(account);
        long third = submit(account);
        long others = submit(other);
        database.sql("DELETE FROM outbox").update();

        try (ExecutorService consumers = Executors.newFixedThreadPool(2)) {
            Future<?> stuck;
            Future<?> repeated;
            try (TestLock held = TestLock.hold(dataSource, "SELECT 1 FROM job WHERE id = ? FOR UPDATE", first)) {
                stuck = consumers.submit(() -> admit(account));
                held.awaitWaiting(1);
                repeated = consumers.submit(() -> admit(account));
                Future<?> free = consumers.submit(() -> admit(other));

                await().until(free::isDone);
                assertThat(status(others)).isEqualTo("running");
            }
            stuck.get();
            repeated.get();
        }
        assertThat(status(first)).isEqualTo("running");
        assertThat(status(second)).isEqualTo("running");
        assertThat(status(third)).isEqualTo("queued");
        assertThat(room.messages("JOBS_ADMIT")).containsExactly("{\"account\":\"" + account + "\"}");
    }

    private long submit(UUID account) {
        return Long.parseLong(room.submit(account, PARAMS).id().substring("job_".length()));
    }

    private Void admit(UUID account) throws JsonProcessingException {
        room.admit(account);
        return null;
    }

    private String status(long job) {
        return database.sql("SELECT status FROM job WHERE id = ?")
                .param(job)
                .query(String.class)
                .single();
    }
}
