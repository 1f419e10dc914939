package io.bactrian.job;

import java.util.Locale;

/** Where a job is in its life. */
public enum JobStatus {
    QUEUED,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED;

    /** The name that clients see. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status of that name. */
    public static JobStatus of(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }

    /** Whether the job will never change again. */
    public boolean ended() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }
}
