package io.bactrian.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;

/** What is published when a job has ended. */
record JobEvent(
        @JsonProperty("type") String type,
        @JsonProperty("account_id") UUID accountId,
        @JsonProperty("job_id") String jobId,
        @JsonProperty("status") String status) {}
