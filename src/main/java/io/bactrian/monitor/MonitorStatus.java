package io.bactrian.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a monitoring task is with its checks, as clients read it.
 *
 * @param nextCheckAt null while it is paused, and after its end
 * @param lastCheckAt when the last check was over, or null before that
 * @param checks how many checks are over
 * @param failedChecks how many of the last ones in a row had an error
 */
public record MonitorStatus(
        @JsonProperty("next_check_at") @Nullable Instant nextCheckAt,
        @JsonProperty("last_check_at") @Nullable Instant lastCheckAt,
        int checks,
        boolean paused,
        @JsonProperty("failed_checks") int failedChecks) {}
