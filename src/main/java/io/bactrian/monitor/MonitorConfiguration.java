package io.bactrian.monitor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import io.bactrian.account.EmailAddress;
import io.bactrian.schedule.Schedule;
import io.bactrian.schedule.Schedules;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code config} of a monitoring task says beside how its pages are scraped.
 *
 * @param threshold the relative change of a number from which on it counts; 0 for any
 * @param asSets whether the order of lists and what is in them twice do not matter
 * @param errorThreshold after how many checks in a row with an error the owner is told
 * @param email where letters go, or null for none
 * @param webhookUrl a receiver of the task's events beside the account's webhooks, or null
 */
record MonitorConfiguration(
        Schedule schedule,
        BigDecimal threshold,
        boolean asSets,
        int errorThreshold,
        @Nullable String email,
        @Nullable String webhookUrl) {
    private static final int DEFAULT_ERROR_THRESHOLD = 3;

    /**
     * Reads a config whose shape the contract's schema has already been held against.
     *
     * @param anchor when the task was created; words such as {@code daily} count from there
     * @throws InvalidInputException with everything that the schema cannot see
     */
    static MonitorConfiguration read(ObjectNode config, Instant anchor) {
        List<Violation> violations = new ArrayList<>();
        ZoneId zone = read(
                        violations,
                        () -> Schedules.zone(
                                "config.timezone", config.path("timezone").asText("UTC")))
                .orElse(ZoneOffset.UTC);
        Schedule schedule = read(
                        violations,
                        () -> Schedules.parse(
                                "config.schedule", config.path("schedule").asText(), zone, anchor))
                .orElse(null);
        String email = text(config, "notification_email");
        if (email != null && !EmailAddress.isValid(email)) {
            violations.add(
                    new Violation("config.notification_email", "must be an e-mail address, such as user@example.com"));
        }
        if (schedule == null || !violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        return new MonitorConfiguration(
                schedule,
                config.path("change_threshold").decimalValue(),
                config.path("compare_lists").asText().equals("set"),
                config.path("error_threshold").asInt(DEFAULT_ERROR_THRESHOLD),
                email,
                text(config, "webhook_url"));
    }

    private static <T> Optional<T> read(List<Violation> violations, Supplier<T> reader) {
        try {
            return Optional.of(reader.get());
        } catch (InvalidInputException e) {
            violations.addAll(e.violations());
            return Optional.empty();
        }
    }

    private static @Nullable String text(ObjectNode config, String field) {
        return config.hasNonNull(field) ? config.path(field).asText() : null;
    }
}
