package io.bactrian.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProvider;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What clients do with jobs: submit, look at, cancel and delete them. */
@Service
public class Jobs {
    /** How many places a job finds whose client names no number. */
    private static final int USUAL_RESULTS = 120;

    /** How many places a job may find that was made with a test key. */
    private static final int TEST_KEY_RESULTS = 3;

    private final JobStore store;
    private final JobVisits visits;
    private final JobEnd end;
    private final JobEstimates estimates;
    private final Ledger ledger;
    private final Outbox outbox;
    private final IdempotencyKeys keys;
    private final JdbcClient database;
    private final Clock clock;

    Jobs(
            JobStore store,
            JobVisits visits,
            JobEnd end,
            JobEstimates estimates,
            Ledger ledger,
            Outbox outbox,
            IdempotencyKeys keys,
            JdbcClient database,
            Clock clock) {
        this.store = store;
        this.visits = visits;
        this.end = end;
        this.estimates = estimates;
        this.ledger = ledger;
        this.outbox = outbox;
        this.keys = keys;
        this.database = database;
        this.clock = clock;
    }

    /**
     * Accepts a job: it is {@code queued} until its account has a free place, with a credit reserved for each place that it
     * may find.
     *
     * @return the job as it was accepted; for a repeated idempotency key, as it was accepted the first time
     * @throws InvalidInputException when the search cannot be carried out
     * @throws ProviderUnavailableException when the provider needs a browser, this node has none, and the job is not to wait for one
     * @throws io.bactrian.credit.InsufficientCreditsException when the account has fewer credits than places are asked for, or none
     * @throws io.bactrian.idempotency.IdempotencyConflictException when the key was used for another request
     */
    @Transactional
    public AcceptedJob submit(JobSubmission submission) {
        ObjectNode params = submission.params();
        PlacesProvider provider = checked(params, submission.test());
        if (!submission.waitsForBrowser() && !provider.available()) {
            throw new ProviderUnavailableException(provider.name());
        }
        long number = store.nextNumber();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant estimate =
                estimates.end(provider.name(), params.path("maxResults").asInt(USUAL_RESULTS));
        AcceptedJob accepted = new AcceptedJob(Job.id(number), now, estimate);
        Optional<String> earlier =
                keys.earlier(submission.accountId(), submission.idempotency(), store.write(accepted));
        if (earlier.isPresent()) {
            return store.read(earlier.get(), AcceptedJob.class);
        }
        int results = submission.test()
                ? params.path("maxResults").asInt(TEST_KEY_RESULTS)
                : reserve(submission.accountId(), number, params);
        store.insert(
                new Job(
                        number,
                        submission.accountId(),
                        JobStatus.QUEUED,
                        provider.name(),
                        params,
                        results,
                        0,
                        submission.test() ? 0 : results,
                        0,
                        null,
                        null,
                        estimate,
                        now,
                        null,
                        null),
                query(params, results),
                !params.path("enrich").isEmpty(),
                submission.planId());
        outbox.write(Destination.JOBS_ADMIT, new JobAdmission.Request(submission.accountId()), Map.of(), null);
        return accepted;
    }

    /**
     * Checks what a job would be made of, beyond the contract's schema.
     *
     * @param test whether it is made with a test key
     * @throws InvalidInputException when no job can be made of it
     */
    public void check(ObjectNode params, boolean test) {
        checked(params, test);
    }

    private PlacesProvider checked(ObjectNode params, boolean test) {
        PlacesProvider provider = visits.chosen(
                params.path("provider").isTextual() ? params.path("provider").asText() : null);
        if (params.hasNonNull("minRating") && !provider.hasRatings()) {
            throw new InvalidInputException(
                    "minRating", "minRating cannot be used with %s, which has no ratings".formatted(provider.name()));
        }
        if (test && params.path("maxResults").asInt(1) > TEST_KEY_RESULTS) {
            throw new InvalidInputException(
                    "maxResults",
                    "maxResults must be at most %d when the job is made with a test key".formatted(TEST_KEY_RESULTS));
        }
        return provider;
    }

    private int reserve(UUID accountId, long number, ObjectNode params) {
        String description = "Scrape job " + Job.id(number);
        JsonNode asked = params.path("maxResults");
        if (asked.isNumber()) {
            ledger.reserve(accountId, Currency.CREDITS, asked.asInt(), reference(number), description);
            return asked.asInt();
        }
        return (int) ledger.reserveUpTo(accountId, Currency.CREDITS, USUAL_RESULTS, reference(number), description);
    }

    private static PlaceQuery query(ObjectNode params, int results) {
        List<String> categories = new ArrayList<>();
        params.path("categories").forEach(category -> categories.add(category.asText()));
        return new PlaceQuery(
                params.path("searchTerms").asText().strip(),
                params.path("location").asText().strip(),
                results,
                params.path("language").asText("en"),
                params.hasNonNull("minRating") ? params.path("minRating").asDouble() : null,
                params.path("reviews").asBoolean(true),
                categories);
    }

    /**
     * The account's job of that number.
     *
     * @throws io.bactrian.NotFoundException when there is none
     * @throws JobAccessDeniedException when it is another account's
     */
    @Transactional(readOnly = true)
    public Job find(UUID accountId, long number) {
        return JobStore.own(store.find(number), accountId);
    }

    /**
     * One page of the account's jobs, newest first.
     *
     * @param statuses none for all
     */
    @Transactional(readOnly = true)
    public JobPage list(UUID accountId, List<JobStatus> statuses, int page, int limit) {
        return store.list(accountId, statuses, page, limit);
    }

    /** The numbers of all the account's jobs, oldest first. */
    @Transactional(readOnly = true)
    public List<Long> numbers(UUID accountId) {
        return database.sql("SELECT id FROM job WHERE account_id = ? ORDER BY id")
                .param(accountId)
                .query(Long.class)
                .list();
    }

    /**
     * Cancels a job that is queued or running, deletes one that has ended.
     *
     * @return whether it was cancelled; otherwise it is gone, with its places
     * @throws io.bactrian.NotFoundException when there is no such job
     * @throws JobAccessDeniedException when it is another account's
     */
    @Transactional
    public boolean cancelOrDelete(UUID accountId, long number) {
        Job job = JobStore.own(store.lock(number), accountId);
        if (job.status().ended()) {
            store.delete(number);
            return false;
        }
        end.cancel(job);
        return true;
    }

    static String reference(long number) {
        return "job:" + number;
    }
}
