package io.bactrian.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a task is in its life: {@code pending}, then {@code running}, then one of the three ends. */
public enum TaskStatus {
    PENDING,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED;

    /** The status as clients read it. */
    @JsonValue
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TaskStatus of(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }

    /** Whether this is one of the three ends, after which nothing moves. */
    public boolean ended() {
        return this != PENDING && this != RUNNING;
    }
}
