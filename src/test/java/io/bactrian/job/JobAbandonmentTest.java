package io.bactrian.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.TestLock;
import io.bactrian.places.VisitOutcome;
import io.bactrian.recovery.FailedWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What becomes of jobs at which the service itself fails, and of their neighbours. */
class JobAbandonmentTest {
    private static final String PARAMS = "{\"searchTerms\": \"café\", \"location\": \"Here\", \"maxResults\": 10}";

    private final JobRoom room = new JobRoom();
    private final UUID account = room.account();
    private final JdbcClient database = room.get(JdbcClient.class);

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void aJobWhoseOnlyLaneAlwaysFailsFailsAndCostsNothing() throws JsonProcessingException {
        long number = room.running(account, PARAMS);
        database.sql("UPDATE job SET query = '{' WHERE id = ?").param(number).update();
        String poison = room.tokens().getFirst();
        assertThatThrownBy(() -> room.take(poison)).isInstanceOf(IllegalStateException.class);

        failAlways(poison);

        room.end();
        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.FAILED);
        assertThat(job.error()).contains("The service failed");
        assertThat(room.balance(account).available()).isEqualTo(JobRoom.CREDITS);
        assertThat(room.messages("TASKS_EVENTS").toString()).contains("job.failed");
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void aVisitThatCanNeverBeStoredIsFailedAndThePlacesFoundArePaidFor() throws JsonProcessingException {
        long number = room.running(account, PARAMS);
        JobStep first = Objects.requireNonNull(room.take(room.tokens().getFirst()));
        JobStep second =
                room.store(first, new VisitOutcome.Found(List.of(room.cafe("a")), List.of(JobRoom.place("b"))));
        assertThat(second).isNotNull();

        failAlways("{\"job\":%d,\"lane\":0,\"sequence\":0}".formatted(number));

        room.end();
        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(job.warning()).contains("The service failed at a part");
        assertThat(job.creditsUsed()).isOne();
        assertThat(room.balance(account).reserved()).isZero();
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void anEndThatAlwaysFailsIsAbandoned() throws JsonProcessingException {
        long number = room.running(account, PARAMS);
        JobStep first = Objects.requireNonNull(room.take(room.tokens().getFirst()));
        room.store(first, JobRoom.found(room.cafe("a")));
        assertThat(room.messages("JOBS_END")).hasSize(1);

        failAlways("{\"job\":%d}".formatted(number));

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(job.creditsUsed()).isOne();
        assertThat(room.messages("JOBS_ADMIT")).isNotEmpty();
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void jobsThatCanNeverStartFailAloneAndTheOthersStart() throws JsonProcessingException {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            numbers.add(Long.parseLong(room.submit(account, PARAMS).id().substring("job_".length())));
        }
        database.sql("UPDATE job SET query = '{', params = '{' WHERE id = ?")
                .param(numbers.get(0))
                .update();
        database.sql("UPDATE job SET provider = 'closed' WHERE id = ?")
                .param(numbers.get(1))
                .update();

        // Each that has failed asks for another admission.
        for (int asked = 0; asked < room.messages("JOBS_ADMIT").size(); asked++) {
            room.admit(account);
        }

        assertThat(numbers.stream().map(number -> room.job(account, number).status()))
                .containsExactly(JobStatus.FAILED, JobStatus.FAILED, JobStatus.RUNNING, JobStatus.RUNNING);
        assertThat(room.get(Jobs.class).list(account, List.of(), 1, 10).total()).isEqualTo(4);
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void aJobThatFailsAtItsStartDoesNotKeepTheBalanceWhileTheNextJobIsLocked() throws Exception {
        long broken = Long.parseLong(room.submit(account, PARAMS).id().substring("job_".length()));
        long next = Long.parseLong(room.submit(account, PARAMS).id().substring("job_".length()));
        database.sql("UPDATE job SET query = '{' WHERE id = ?").param(broken).update();
        int asked = room.messages("JOBS_ADMIT").size();
        try (ExecutorService node = Executors.newSingleThreadExecutor();
                // As whoever deletes a job, before the credits are given back.
                TestLock held =
                        TestLock.hold(room.get(DataSource.class), "SELECT 1 FROM job WHERE id = ? FOR UPDATE", next)) {
            node.submit(() -> {
                        room.admit(account);
                        return true;
                    })
                    .get(10, TimeUnit.SECONDS);

            assertThat(held.waiting()).isZero();
            assertThat(room.job(account, broken).status()).isEqualTo(JobStatus.FAILED);
            assertThat(room.job(account, next).status()).isEqualTo(JobStatus.QUEUED);
        }
        assertThat(room.messages("JOBS_ADMIT")).hasSize(asked + 1);

        room.admit(account);

        assertThat(room.job(account, next).status()).isEqualTo(JobStatus.RUNNING);
    }

    /** Lets a message fail whenever it is issued, until it is issued no more. */
    private void failAlways(String message) {
        for (int i = 0; i < 20; i++) {
            room.get(FailedWork.class)
                    .note("bactrian.some.queue", message, new IllegalStateException("It fails always."));
            room.clock().advance(Duration.ofMinutes(16));
            room.get(JobAdmission.class).reissueLostTokens();
        }
    }
}
