package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.monitor.MonitorStatus;
import io.bactrian.task.Task;
import io.bactrian.task.TaskType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A task as Selextract's clients see it. */
record TaskView(
        UUID id,
        String name,
        @Nullable String description,
        @JsonProperty("task_type") String taskType,
        String status,
        ObjectNode config,
        int priority,
        @JsonProperty("compute_units_consumed") long computeUnitsConsumed,
        @JsonProperty("estimated_compute_units") long estimatedComputeUnits,
        @JsonProperty("result_url") @Nullable String resultUrl,
        @JsonProperty("error_message") @Nullable String errorMessage,
        int progress,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("updated_at") Instant updatedAt,
        @JsonProperty("started_at") @Nullable Instant startedAt,
        @JsonProperty("completed_at") @Nullable Instant completedAt,
        @JsonProperty("user_id") UUID userId,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable MonitorStatus monitoring) {

    /** @param monitoring where a monitoring task is with its checks; null for others */
    static TaskView of(Task task, @Nullable MonitorStatus monitoring) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        ArrayNode urls = config.putArray("urls");
        task.urls().forEach(urls::add);
        config.setAll(task.config());
        return new TaskView(
                task.id(),
                task.name(),
                task.description(),
                task.type().code(),
                task.status().code(),
                config,
                task.priority(),
                task.unitsConsumed(),
                task.unitsEstimated(),
                task.status().ended() || task.type() == TaskType.MONITORING
                        ? "/tasks/" + task.id() + "/download"
                        : null,
                task.errorMessage(),
                task.progress(),
                millis(task.createdAt()),
                millis(task.updatedAt()),
                task.startedAt() == null ? null : millis(task.startedAt()),
                task.completedAt() == null ? null : millis(task.completedAt()),
                task.accountId(),
                monitoring);
    }

    static Instant millis(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS);
    }
}
