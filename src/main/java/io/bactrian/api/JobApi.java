package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.NotFoundException;
import io.bactrian.account.Caller;
import io.bactrian.api.contract.Parameters;
import io.bactrian.job.AcceptedJob;
import io.bactrian.job.Job;
import io.bactrian.job.JobPage;
import io.bactrian.job.JobPlaces;
import io.bactrian.job.JobStatus;
import io.bactrian.job.JobSubmission;
import io.bactrian.job.Jobs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** MapScraper's operations on jobs: a request becomes a call of the {@code job} room, its result an answer. */
@Component
public class JobApi {
    private static final Pattern ID = Pattern.compile("job_([1-9][0-9]{0,17})");

    private final Jobs jobs;
    private final JobPlaces places;
    private final EventStream events;

    JobApi(Jobs jobs, JobPlaces places, EventStream events) {
        this.jobs = jobs;
        this.places = places;
        this.events = events;
    }

    /** What a createScrapeJob call submits. */
    public JobSubmission submission(ApiCall call) {
        Caller caller = call.caller();
        return new JobSubmission(
                caller.accountId(),
                caller.mapscraperPlan(),
                caller.testKey(),
                call.object(),
                call.idempotency(),
                call.isMessage());
    }

    private record Created(
            String jobId,
            String status,
            @JsonProperty("created_at") Instant createdAt,
            Instant estimatedCompletion) {}

    public Answer created(AcceptedJob job) {
        return new Answer(
                201,
                Map.of("Location", "/scrape/jobs/" + job.id()),
                new Answer.Json(new Created(job.id(), JobStatus.QUEUED.code(), job.createdAt(), job.estimatedAt())));
    }

    private record Listed(List<JobView> jobs, Pagination pagination) {}

    public Answer list(ApiCall call) {
        Parameters parameters = call.parameters();
        int page = parameters.integer("page");
        int limit = parameters.integer("limit");
        List<JobStatus> statuses =
                parameters.list("status").stream().map(JobStatus::of).toList();
        JobPage found = jobs.list(call.accountId(), statuses, page, limit);
        return Answer.ok(new Listed(
                found.jobs().stream().map(job -> JobView.of(job, null)).toList(),
                Pagination.of(page, limit, found.total())));
    }

    /** The job with its places, or those of them that are asked for. */
    public Answer get(ApiCall call) {
        Job job = find(call);
        Parameters parameters = call.parameters();
        List<String> results =
                places.page(job.number(), parameters.integer("resultsOffset"), parameters.integer("resultsLimit"));
        return Answer.ok(Map.of("job", JobView.of(job, results)));
    }

    public Answer delete(ApiCall call) {
        boolean cancelled = jobs.cancelOrDelete(call.accountId(), number(call));
        return Answer.ok(Map.of("status", cancelled ? JobStatus.CANCELLED.code() : "deleted"));
    }

    private record Progress(
            @JsonProperty("job_id") String jobId,
            String status,
            int progress,
            @JsonProperty("result_count") int resultCount,
            @JsonProperty("max_results") int maxResults) {}

    public Answer stream(ApiCall call) {
        Job job = find(call);
        return events.of(
                call.caller(),
                () -> progress(jobs.find(job.accountId(), job.number())),
                now -> JobStatus.of(now.status()).ended(),
                now -> now,
                () -> JobView.of(jobs.find(job.accountId(), job.number()), null));
    }

    private static Progress progress(Job job) {
        return new Progress(job.id(), job.status().code(), job.progress(), job.resultCount(), job.maxResults());
    }

    Job find(ApiCall call) {
        return jobs.find(call.accountId(), number(call));
    }

    /** The account's completed job of that id, or empty. */
    Optional<Job> completed(UUID accountId, String id) {
        Matcher number = ID.matcher(id);
        try {
            return number.matches()
                    ? Optional.of(jobs.find(accountId, Long.parseLong(number.group(1))))
                            .filter(job -> job.status() == JobStatus.COMPLETED)
                    : Optional.empty();
        } catch (NotFoundException deleted) {
            return Optional.empty();
        }
    }

    /** @throws NotFoundException when the path has no id of a job: no job can have another one */
    private static long number(ApiCall call) {
        Matcher id = ID.matcher(call.path().getOrDefault("id", ""));
        if (!id.matches()) {
            throw new NotFoundException("Job");
        }
        return Long.parseLong(id.group(1));
    }
}
