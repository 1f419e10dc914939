package io.bactrian.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.outbox.ReturnTime;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.task.Retries;
import io.bactrian.task.Shutdown;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The lanes of running jobs: a lane takes its token, makes one visit after another, each stored before the next is taken, and
 * after a while passes its token on.
 *
 * <p>A token can be delivered twice, and a process can die at any point. The lane's sequence and the visit that it has taken
 * decide: only the step that finds both stores anything. What a dead process had visited and not stored is visited again.
 */
@Service
public class JobLanes {
    /** How long a lane keeps its consumer, and its browser, before others have their turn. */
    private static final Duration SLICE = Duration.ofSeconds(10);

    /** Deaths of browsers under one visit after which the visit is to blame. */
    private static final int MOST_DEATHS = 3;

    private final JobStore store;
    private final JobVisits visits;
    private final JobWorkList work;
    private final JobPlaces places;
    private final JobProperties settings;
    private final Retries retries;
    private final Outbox outbox;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;
    private final Shutdown shutdown;
    private final RandomGenerator random = RandomGenerator.getDefault();

    JobLanes(
            JobStore store,
            JobVisits visits,
            JobWorkList work,
            JobPlaces places,
            JobProperties settings,
            Retries retries,
            Outbox outbox,
            JdbcClient database,
            ObjectMapper json,
            Clock clock,
            Shutdown shutdown) {
        this.store = store;
        this.visits = visits;
        this.work = work;
        this.places = places;
        this.settings = settings;
        this.retries = retries;
        this.outbox = outbox;
        this.database = database;
        this.json = json;
        this.clock = clock;
        this.shutdown = shutdown;
    }

    /**
     * A lane with its token.
     *
     * @param due when the token was due, or null where the lane has made a visit with it
     */
    private record Lane(
            JobToken token,
            boolean contacts,
            @Nullable Long visit,
            @Nullable Instant due) {}

    /**
     * Takes a token and the lane's next visit.
     *
     * @return the step, or null when there is nothing to do: the token is a repetition, its job no longer runs, or the lane
     *     has nothing to visit now
     */
    @Transactional
    public @Nullable JobStep take(String message) throws JsonProcessingException {
        JobToken token = json.readValue(message, JobToken.class);
        Job job = running(token.job());
        Lane lane = job == null ? null : lane(token);
        return job == null || lane == null ? null : next(job, lane, System.nanoTime());
    }

    /**
     * Stores what came of a step's visit, and takes the lane's next one.
     *
     * @return the next step, or null when the lane's token was passed on or dropped, or the lane has retired
     */
    @Transactional
    public @Nullable JobStep store(JobStep step, VisitOutcome outcome) {
        JobToken token = step.token();
        Job job = running(token.job());
        Lane lane = job == null ? null : lane(token);
        if (job == null || lane == null || lane.visit() == null || lane.visit() != step.visitId()) {
            // Somebody else has stored this visit, or the job has ended: nothing of it may be stored again.
            return null;
        }
        if (outcome instanceof VisitOutcome.Later later) {
            work.later(step.visitId(), later.notBefore(), later.booked());
            pass(job, lane, later.notBefore(), later.booked() ? OutboxMessage.URGENT : OutboxMessage.ORDINARY);
            return null;
        }
        if (shutdown.begun() && mayComeOfAStop(outcome)) {
            // The lane keeps its visit, and the next process makes it as the same attempt.
            pass(job, lane, clock.instant(), OutboxMessage.ORDINARY);
            return null;
        }
        int found = keep(job, step, outcome);
        Job now = found == 0 ? job : store.find(job.number()).orElse(job);
        if (now.resultCount() >= now.maxResults()) {
            work.dropUnwanted(job.number());
        }
        database.sql("UPDATE job_lane SET visit_id = NULL, reissues = 0, due_at = ? WHERE job_id = ? AND lane = ?")
                .params(Timestamp.from(clock.instant()), token.job(), token.lane())
                .update();
        Lane free = new Lane(token, lane.contacts(), null, null);
        if (shutdown.begun() || System.nanoTime() - step.began() > SLICE.toNanos()) {
            open(now);
            pass(now, free, clock.instant(), OutboxMessage.ORDINARY);
            return null;
        }
        return next(now, free, step.began());
    }

    private static boolean mayComeOfAStop(VisitOutcome outcome) {
        return outcome instanceof VisitOutcome.BrowserDied
                || (outcome instanceof VisitOutcome.Failed failed && failed.retryable());
    }

    /** @return how many places were found */
    private int keep(Job job, JobStep step, VisitOutcome outcome) {
        long visit = step.visitId();
        return switch (outcome) {
            case VisitOutcome.Found found -> {
                work.done(visit);
                addAsManyAsAllowed(job, found.further());
                List<JobPlaces.Kept> kept = places.add(job, step.request().query(), found.places());
                if (store.enriched(job.number())) {
                    kept.forEach(place -> visitWebsite(job, place));
                }
                yield kept.size();
            }
            case VisitOutcome.Contacted contacted -> {
                work.done(visit);
                work.add(job.number(), contacted.further());
                places.enrich(job.number(), contacted);
                yield 0;
            }
            case VisitOutcome.Failed failed -> {
                if (failed.retryable() && step.request().attempt() <= settings.retryAttempts()) {
                    Duration wait = retries.after(step.request().attempt(), failed.retryAfter(), random);
                    work.again(visit, clock.instant().plus(wait));
                } else {
                    work.failed(visit, failed.message());
                }
                yield 0;
            }
            case VisitOutcome.BrowserDied died -> {
                int deaths = work.browserDied(
                        visit, clock.instant().plus(retries.after(step.request().attempt(), null, random)));
                if (deaths >= MOST_DEATHS) {
                    work.failed(visit, "The browser has died under the page %d times.".formatted(deaths));
                }
                yield 0;
            }
            case VisitOutcome.Blocked blocked -> {
                work.failed(visit, blocked.message());
                work.dropUnwanted(job.number());
                database.sql("UPDATE job SET blocked = ? WHERE id = ?")
                        .params(blocked.message(), job.number())
                        .update();
                yield 0;
            }
            case VisitOutcome.Later later ->
                throw new IllegalStateException("A visit whose turn has not come is not stored: " + later);
        };
    }

    private void addAsManyAsAllowed(Job job, List<Visit> further) {
        int left = settings.mostVisits(job.maxResults()) - work.size(job.number());
        work.add(job.number(), further.subList(0, Math.clamp(left, 0, further.size())));
        if (further.size() > left) {
            database.sql("UPDATE job SET limited = true WHERE id = ?")
                    .param(job.number())
                    .update();
        }
    }

    private void visitWebsite(Job job, JobPlaces.Kept place) {
        if (place.website() != null) {
            work.add(job.number(), List.of(visits.contacts().begin(place.placeId(), place.website())));
        }
    }

    private @Nullable JobStep next(Job job, Lane lane, long began) {
        int wanted = job.maxResults() - job.resultCount();
        Optional<JobWorkList.Entry> entry = lane.visit() != null
                ? Optional.of(work.taken(lane.visit()))
                : work.claim(job.number(), lane.contacts(), wanted);
        open(job);
        if (entry.isEmpty()) {
            rest(job, lane, wanted);
            return null;
        }
        JobWorkList.Entry visit = entry.get();
        JobToken token = lane.token();
        database.sql("UPDATE job_lane SET visit_id = ? WHERE job_id = ? AND lane = ?")
                .params(visit.id(), token.job(), token.lane())
                .update();
        VisitRequest request = new VisitRequest(
                store.query(job.number()), visit.visit(), visit.attempt(), visit.booked(), token.laneId());
        return new JobStep(token, job.provider(), visit.id(), request, began);
    }

    /** A lane without a visit waits for the next one that may be made later, or retires; the last one asks for the end. */
    private void rest(Job job, Lane lane, int wanted) {
        Instant due = work.nextDue(job.number(), lane.contacts(), wanted);
        if (due != null && lane.due() != null) {
            ReturnTime back = ReturnTime.afterNothing(lane.due(), due, clock.instant());
            pass(job, lane, back.due(), back.deliverAt(), OutboxMessage.ORDINARY);
            return;
        }
        if (due != null) {
            pass(job, lane, due, OutboxMessage.ORDINARY);
            return;
        }
        database.sql("UPDATE job_lane SET retired = true, sequence = sequence + 1 WHERE job_id = ? AND lane = ?")
                .params(job.number(), lane.token().lane())
                .update();
        boolean last = database.sql("SELECT count(*) = 0 FROM job_lane WHERE job_id = ? AND NOT retired")
                .param(job.number())
                .query(Boolean.class)
                .single();
        if (last) {
            outbox.write(Destination.JOBS_END, new JobEnd.Request(job.number()), Map.of(), null);
        }
    }

    private void pass(Job job, Lane lane, Instant due, int priority) {
        pass(job, lane, due, due, priority);
    }

    private void pass(Job job, Lane lane, Instant due, Instant deliverAt, int priority) {
        JobToken token = lane.token();
        database.sql("UPDATE job_lane SET sequence = sequence + 1, due_at = ? WHERE job_id = ? AND lane = ?")
                .params(Timestamp.from(due), token.job(), token.lane())
                .update();
        outbox.write(
                JobAdmission.queue(visits.provider(job.provider()), lane.contacts()),
                new JobToken(token.job(), token.lane(), token.sequence() + 1),
                Map.of(),
                deliverAt.isAfter(clock.instant()) ? deliverAt : null,
                priority);
    }

    /** Opens retired lanes for visits that nobody has taken. */
    private void open(Job job) {
        for (boolean contacts : new boolean[] {false, true}) {
            int claimable = work.claimable(job.number(), contacts, job.maxResults() - job.resultCount());
            if (claimable == 0) {
                continue;
            }
            database.sql("""
                            UPDATE job_lane SET retired = false, reissues = 0, due_at = ? WHERE (job_id, lane) IN (
                                SELECT job_id, lane FROM job_lane
                                 WHERE job_id = ? AND contacts = ? AND retired ORDER BY lane LIMIT ?)
                            RETURNING lane, sequence""")
                    .params(Timestamp.from(clock.instant()), job.number(), contacts, claimable)
                    .query((row, number) -> new JobToken(job.number(), row.getInt(1), row.getLong(2)))
                    .list()
                    .forEach(token -> outbox.write(
                            JobAdmission.queue(visits.provider(job.provider()), contacts), token, Map.of(), null));
        }
    }

    private @Nullable Job running(long number) {
        return store.lock(number)
                .filter(job -> job.status() == JobStatus.RUNNING)
                .orElse(null);
    }

    private @Nullable Lane lane(JobToken token) {
        return database.sql("""
                        SELECT contacts, visit_id, due_at FROM job_lane
                         WHERE job_id = ? AND lane = ? AND sequence = ? AND NOT retired""")
                .params(token.job(), token.lane(), token.sequence())
                .query((row, number) -> new Lane(
                        token,
                        row.getBoolean(1),
                        row.getObject(2, Long.class),
                        row.getTimestamp(3).toInstant()))
                .optional()
                .orElse(null);
    }
}
