package io.bactrian.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;

/** What is published when a task has ended. */
record TaskEvent(
        @JsonProperty("type") String type,
        @JsonProperty("account_id") UUID accountId,
        @JsonProperty("task_id") UUID taskId,
        @JsonProperty("status") String status) {}
