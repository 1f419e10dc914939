package io.bactrian.account;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A customer of both APIs.
 *
 * @param id the account's id for Selextract
 * @param number the same account's id for MapScraper
 * @param email the address as its owner wrote it; compared without regard to case
 * @param name {@code name} and {@code full_name} of the two APIs, or null when none was given
 * @param selextractPlan the plan's id, such as {@code free}
 * @param mapscraperPlan the plan's id, such as {@code free}
 */
public record Account(
        UUID id,
        long number,
        String email,
        @Nullable String name,
        @Nullable String avatarUrl,
        String selextractPlan,
        String mapscraperPlan,
        boolean active,
        Instant createdAt,
        Instant updatedAt) {}
