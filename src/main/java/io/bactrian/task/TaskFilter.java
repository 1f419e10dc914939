package io.bactrian.task;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of an account's tasks are wanted, in what order, and which page of them.
 *
 * @param page from 1
 * @param statuses empty for all
 * @param types empty for all
 * @param createdAfter exclusive
 * @param createdBefore exclusive
 * @param nameContains in any case
 */
public record TaskFilter(
        int page,
        int pageSize,
        Sort sort,
        boolean ascending,
        List<TaskStatus> statuses,
        List<TaskType> types,
        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore,
        @Nullable String nameContains) {

    /** What tasks can be sorted by. */
    public enum Sort {
        CREATED_AT,
        UPDATED_AT,
        NAME,
        STATUS;

        /** Each list of columns is the order of an index. */
        List<String> columns() {
            return switch (this) {
                case CREATED_AT -> List.of("t.created_at", "t.id");
                case UPDATED_AT -> List.of("t.updated_at", "t.id");
                case NAME -> List.of("t.name", "t.id");
                case STATUS -> List.of("t.status", "t.created_at", "t.id");
            };
        }
    }
}
