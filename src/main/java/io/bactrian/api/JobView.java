package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.bactrian.job.Job;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as MapScraper's clients see it.
 *
 * @param results the places, or null in a list of jobs
 */
record JobView(
        String id,
        String status,
        String provider,
        ObjectNode params,
        int progress,
        @JsonProperty("result_count") int resultCount,
        @JsonProperty("credits_used") long creditsUsed,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<RawValue> results,
        @Nullable String error,
        @Nullable String warning,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("started_at") @Nullable Instant startedAt,
        @JsonProperty("completed_at") @Nullable Instant completedAt,
        Instant estimatedCompletion) {

    static JobView of(Job job, @Nullable List<String> places) {
        return new JobView(
                job.id(),
                job.status().code(),
                job.provider(),
                job.params(),
                job.progress(),
                job.resultCount(),
                job.creditsUsed(),
                places == null ? null : places.stream().map(RawValue::new).toList(),
                job.error(),
                job.warning(),
                TaskView.millis(job.createdAt()),
                job.startedAt() == null ? null : TaskView.millis(job.startedAt()),
                job.completedAt() == null ? null : TaskView.millis(job.completedAt()),
                job.estimatedAt());
    }
}
