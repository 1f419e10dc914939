package io.bactrian.event;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of events. */
public enum EventType {
    /** A search for places has ended well. */
    JOB_COMPLETED("job.completed", true),
    /** A search for places could not be carried out. */
    JOB_FAILED("job.failed", true),
    /** A search for places was cancelled by its owner, who needs no webhook to know. */
    JOB_CANCELLED("job.cancelled", false),
    /** A task has ended with at least one page. */
    TASK_COMPLETED("task.completed", true),
    /** A task has ended without a page. */
    TASK_FAILED("task.failed", true),
    /** A task was cancelled. */
    TASK_CANCELLED("task.cancelled", true),
    /** A value that is monitored has changed. */
    MONITOR_CHANGED("monitor.changed", true),
    /** Checks of a monitored page have failed several times in a row. */
    MONITOR_FAILED("monitor.failed", true),
    /** A run of a saved search has ended, and its owner wants to hear of the places found. */
    SEARCH_COMPLETED("search.completed", true),
    /** A plan that is paid for was begun, changed, cancelled, resumed or has ended, or its payment has failed. */
    SUBSCRIPTION_UPDATED("subscription.updated", true),
    /** A package of credits was paid for. */
    CREDITS_PURCHASED("credits.purchased", true),
    /** Little is left of a currency. */
    CREDITS_LOW("credits.low", true);

    private final String code;
    private final boolean forWebhooks;

    EventType(String code, boolean forWebhooks) {
        this.code = code;
        this.forWebhooks = forWebhooks;
    }

    /** The name as clients know it. */
    public String code() {
        return code;
    }

    /** Whether webhooks can be registered for it. */
    public boolean forWebhooks() {
        return forWebhooks;
    }

    /** The type of that name, or empty where there is none. */
    public static Optional<EventType> find(String code) {
        return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
    }
}
