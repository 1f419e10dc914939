package io.bactrian.job;

import static io.bactrian.job.JobRoom.CREDITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.credit.InsufficientCreditsException;
import io.bactrian.idempotency.Idempotency;
import io.bactrian.idempotency.IdempotencyConflictException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a job costs, when it is refused, and when it begins. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobsTest {
    private static final String ANY_NUMBER = "{\"searchTerms\": \"café\", \"location\": \"Here\"}";

    private final JobRoom room = new JobRoom();
    private UUID account = room.account();

    @AfterAll
    void close() {
        room.close();
    }

    @BeforeEach
    void anotherAccount() {
        account = room.account();
    }

    private static String search(int maxResults) {
        return "{\"searchTerms\": \"café\", \"location\": \"Here\", \"maxResults\": %d}".formatted(maxResults);
    }

    @Test
    void aJobReservesACreditForEachPlaceThatItMayFind() {
        room.submit(account, search(30));

        assertThat(room.balance(account).available()).isEqualTo(CREDITS - 30);
        assertThat(room.balance(account).reserved()).isEqualTo(30);
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void aJobThatNeedsABrowserIsRefusedWhereThereIsNoneUnlessItIsToWaitForOne() {
        String params = "{\"searchTerms\": \"café\", \"location\": \"Here\", \"provider\": \"browserless\"}";

        assertThatExceptionOfType(ProviderUnavailableException.class).isThrownBy(() -> room.submit(account, params));
        AcceptedJob accepted = room.get(Jobs.class)
                .submit(new JobSubmission(account, "free", false, JobRoom.json(params), null, true));

        assertThat(room.get(Jobs.class)
                        .list(account, List.of(JobStatus.QUEUED), 1, 10)
                        .jobs())
                .singleElement()
                .satisfies(job -> assertThat(Job.id(job.number())).isEqualTo(accepted.id()));
    }

    @Test
    void moreThanIsAvailableIsRefusedWhereItIsAskedFor() {
        assertThatExceptionOfType(InsufficientCreditsException.class)
                .isThrownBy(() -> room.submit(account, search(CREDITS + 1)))
                .satisfies(refused -> {
                    assertThat(refused.required()).isEqualTo(CREDITS + 1);
                    assertThat(refused.available()).isEqualTo(CREDITS);
                });
        assertThat(room.get(Jobs.class).list(account, List.of(), 1, 10).total()).isZero();
    }

    @Test
    void aJobWithoutANumberTakesWhatThereIs() {
        room.submit(account, search(CREDITS - 7));
        room.submit(account, ANY_NUMBER);

        assertThat(room.get(Jobs.class).list(account, List.of(), 1, 1).jobs())
                .extracting(Job::maxResults)
                .containsExactly(7);
        assertThatExceptionOfType(InsufficientCreditsException.class)
                .isThrownBy(() -> room.submit(account, ANY_NUMBER));
    }

    @Test
    void aTestKeysJobIsSmallAndFree() {
        room.submit(account, ANY_NUMBER, true, null);

        assertThat(room.balance(account).available()).isEqualTo(CREDITS);
        assertThat(room.get(Jobs.class).list(account, List.of(), 1, 1).jobs())
                .extracting(Job::maxResults)
                .containsExactly(3);
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> room.submit(account, search(4), true, null));
    }

    @Test
    void aRepeatedRequestGetsTheFirstAnswerAndReservesNothing() {
        Idempotency key = new Idempotency("a key", "a hash");

        AcceptedJob first = room.submit(account, search(10), false, key);
        room.clock().advance(Duration.ofMinutes(5));
        AcceptedJob second = room.submit(account, search(10), false, key);

        assertThat(second).isEqualTo(first);
        assertThat(room.balance(account).reserved()).isEqualTo(10);
        assertThatExceptionOfType(IdempotencyConflictException.class)
                .isThrownBy(() -> room.submit(account, search(11), false, new Idempotency("a key", "another hash")));
    }

    @Test
    void ratingsAreNotAskedOfAProviderThatHasNone() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> room.submit(
                        account,
                        "{\"searchTerms\": \"a\", \"location\": \"b\", \"provider\": \"unrated\", \"minRating\": 4}"))
                .satisfies(refused -> assertThat(refused.violations().getFirst().message())
                        .isEqualTo("minRating cannot be used with unrated, which has no ratings"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> room.submit(
                        account, "{\"searchTerms\": \"a\", \"location\": \"b\", \"provider\": \"nowhere\"}"));
    }

    @Test
    void anAccountHasAsManyJobsAtOnceAsItsPlanAllows() throws JsonProcessingException {
        for (int job = 0; job < 3; job++) {
            room.submit(account, search(1));
        }
        room.admit(account);

        List<Job> jobs = room.get(Jobs.class).list(account, List.of(), 1, 10).jobs();
        assertThat(jobs)
                .extracting(Job::status)
                .containsExactly(JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RUNNING);

        room.get(Jobs.class).cancelOrDelete(account, jobs.getLast().number());
        room.admit(account);
        assertThat(room.job(account, jobs.getFirst().number()).status()).isEqualTo(JobStatus.RUNNING);
    }

    @Test
    void anothersJobIsDeniedAndOneThatDoesNotExistIsNotFound() {
        room.submit(room.account(), search(1));
        UUID owner = room.account();
        room.submit(owner, search(1));
        long number = room.get(Jobs.class).numbers(owner).getFirst();

        assertThatExceptionOfType(JobAccessDeniedException.class)
                .isThrownBy(() -> room.job(account, number))
                .withMessage("Access denied");
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> room.job(account, 17));
    }

    @Test
    void theExpectedEndFollowsTheSpeedOfTheLatestJobsAndWhatStandsBefore() throws JsonProcessingException {
        JobEstimates estimates = room.get(JobEstimates.class);
        long number = room.running(account, search(10));
        JobStep step = room.take(room.tokens().getFirst());
        room.clock().advance(Duration.ofSeconds(20));
        assertThat(step).isNotNull();
        room.store(step, JobRoom.found(room.cafe("a"), room.cafe("b")));
        room.end();
        assertThat(room.job(account, number).status()).isEqualTo(JobStatus.COMPLETED);

        Duration alone = Duration.between(room.clock().instant(), estimates.end("atlas", 5));
        room.submit(account, search(10));
        Duration behind = Duration.between(room.clock().instant(), estimates.end("atlas", 5));

        assertThat(behind.minus(alone)).isEqualTo(Duration.ofSeconds(100));
    }
}
